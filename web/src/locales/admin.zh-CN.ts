/** 管理员各页的文字，并入 zh-CN。 */
export default {
  user: {
    list: "用户（{n}）", find: "按姓名、登录名、工号查找", new: "新建用户", change: "更改用户", changeOf: "更改 {login}", login: "登录名", loginHint: "字母和数字，如 wangfang", name: "姓名", role: "角色", number: "工号", agentNo: "工号与座席", seat: "座席", locale: "语言", seen: "最近使用", acts: "操作",
    queues: "分管队列", queuesHint: "不选即分管全部队列。", create: "建立账号", save: "保存", cancel: "取消", saved: "已保存", changeHint: "更改角色、工号、座席或队列后，此人须重新登录。", edit: "更改", password: "重置密码", lock: "停用", unlock: "启用", locked: "已停用",
    sure: { lock: "确认停用，立即退出登录", password: "确认重置，立即退出登录" }, never: "从未", here: "已登录", inQueue: "在队列中", told: "{login} 的密码，只显示这一次，请当面交给本人：", toldRead: "已记下，隐藏",
  },
  role: { agent: "受理员", supervisor: "班长", admin: "管理员", agency: "承办单位", leader: "签批领导", auditor: "督查员" },
  sound: {
    label: "录音", record: "录音", stop: "停止录音", seconds: "{n} 秒", speak: "由文字合成", file: "选择文件", listen: "试听", none: "不用录音", isNone: "没有录音",
    unreadable: "无法读取这段声音", noMicrophone: "无法使用麦克风",
  },
  spoken: { zh: "中文", en: "英文" },
  prompt: {
    find: "查找", hint: "更换后下一通来电即听到新版本；正在听旧版本的来电人不受影响。", numbers: "报数用的数字（{n}）", onLine: "线路正在播放", waiting: "等待交换机", isMade: "系统制作的版本", version: "版本 {n}，{by} 于 {at} 启用", of: "版本 {n}，{by}，{at}",
    replace: "更换", back: "恢复系统制作的版本", words: "录音里说的话", use: "启用这段录音", others: "其他版本（{n}）", choose: "启用这个版本", listenTo: "试听版本 {n}", saved: "已更换，下一通来电即可听到",
  },
  promptName: {
    notice: "开场与录音告知", full: "排队已满", no_agent: "无人在线", timeout: "等候过久", not_allowed: "号码不能拨打", all_busy: "全忙，请等候", next: "您是下一位", ahead: "报位次之前", waiting: "报位次之后", notice_called: "外呼开场", survey: "满意度询问", thanks: "感谢评价", abuse_warning: "文明用语警示", abuse_end: "因辱骂结束通话", flagged: "被标记来电", to_duty: "转值班电话", incident_key: "群体事件按键", incident_joined: "群体事件已登记", back_offer: "可登记回电", back_number: "报回电号码之前", back_confirm: "确认回电", back_kept: "位置已保留", back_withheld: "号码未显示", back_stays: "继续等候", voicemail_offer: "可以留言", voicemail_speak: "请留言", voicemail_kept: "留言已记录",
  },
  policy: {
    hint: "保存后立即生效，不影响正在进行的通话", save: "保存", back: "恢复安装设置", saved: "已保存，立即生效", installed: "按安装设置", fixed: "安装设置里已关闭", by: "{by} 于 {at} 设定；安装设置：{installed}", changes: "更改记录", noChanges: "还没有更改。",
    when: "时间", who: "谁", what: "策略", before: "原来", after: "改为", asInstalled: "（安装设置）", class: { matters: "仅在办事项和通讯录", desk: "另加固定电话和服务号码", plan: "另加手机" },
    name: { agents_see_ears: "受理员可见监听", supervisors_limited: "班长只见分管队列", dial_class: "受理员可外呼的范围", dial_daily_cap: "每人每日外呼上限", export_mark_every_s: "导出录音的提示音间隔（秒）", wrap_up_limit_s: "话后整理时限（秒）", survey: "通话后询问满意度" },
    why: {
      agents_see_ears: "有班长监听、密语或强插时，受理员看得到是谁。不论是否可见，每次监听都有记录。", supervisors_limited: "在用户页选了分管队列的班长，大屏、监听和指令只限这些队列。", dial_class: "任何人都不能拨打国际号码。", dial_daily_cap: "达到后拒绝外呼并告警；110 不受限。",
      export_mark_every_s: "0 为不加提示音。", wrap_up_limit_s: "从下一次整理起生效，5 至 3600 秒。", survey: "从下一通结束的来电起生效。",
    },
  },
};
