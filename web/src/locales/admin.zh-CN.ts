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
    notice: "开场与录音告知", full: "排队已满", no_agent: "无人在线", timeout: "等候过久", not_allowed: "号码不能拨打", all_busy: "全忙，请等候", next: "您是下一位", ahead: "报位次之前", waiting: "报位次之后", notice_called: "外呼开场", survey: "满意度询问", thanks: "感谢评价", abuse_warning: "文明用语警示", abuse_end: "因辱骂结束通话", flagged: "被标记来电", to_duty: "转值班电话", incident_key: "群体事件按键", incident_joined: "群体事件已登记", back_offer: "可登记回电", back_number: "报回电号码之前", back_confirm: "确认回电", back_kept: "位置已保留", back_withheld: "号码未显示", back_stays: "继续等候", back_instead: "未接入改回电：报号码之前", back_instead_confirm: "未接入改回电：按键", voicemail_offer: "可以留言", voicemail_speak: "请留言", voicemail_kept: "留言已记录",
  },
  policy: {
    hint: "保存后立即生效，不影响正在进行的通话", save: "保存", back: "恢复安装设置", saved: "已保存，立即生效", installed: "按安装设置", fixed: "安装设置里已关闭", by: "{by} 于 {at} 设定；安装设置：{installed}", changes: "更改记录", noChanges: "还没有更改。",
    when: "时间", who: "谁", what: "策略", before: "原来", after: "改为", asInstalled: "（安装设置）", class: { matters: "仅在办事项和通讯录", desk: "另加固定电话和服务号码", plan: "另加手机" },
    name: { agents_see_ears: "受理员可见监听", supervisors_limited: "班长只见分管队列", dial_class: "受理员可外呼的范围", dial_daily_cap: "每人每日外呼上限", export_mark_every_s: "导出录音的提示音间隔（秒）", survey: "通话后询问满意度" },
    why: {
      agents_see_ears: "有班长监听、密语或强插时，受理员看得到是谁。不论是否可见，每次监听都有记录。", supervisors_limited: "在用户页选了分管队列的班长，大屏、监听、指令、历史来电、录音和待回电名单只限这些队列。", dial_class: "任何人都不能拨打国际号码。", dial_daily_cap: "达到后拒绝外呼并告警；110 不受限。",
      export_mark_every_s: "0 为不加提示音。", survey: "从下一通结束的来电起生效。",
    },
  },
  capacity: {
    planned: "计划席数", heading: "一天的话务能力", day: "日期", load: "查看", chart: "各半小时的人数与用时，以及线路和座席", table: "同样内容的表格",
    lines: "同时占用线路（最多）", linesOf: "同时占用线路（最多），共 {n} 条", seats: "座席：已建 {n} 个", linesUnknown: "线路：未设置运营商并发数", linesTold: "线路：{n} 条",
    from: "时段", offered: "呼入", answered: "接通", inTime: "15 秒内", abandoned: "放弃", onDuty: "在岗", atQueue: "可接话", lineColumn: "线路", sum: "全天",
    minutes: "分钟", part: { talk: "通话", hold: "保持", wrap_up: "话后整理", callbacks: "外呼回访", pause: "小休", idle: "空闲" },
    handling: "平均处理时长 {s} 秒（含保持和话后整理）", handlingUnknown: "这一天没有通话",
    patience: "来电人平均等待 {s} 秒（{low} 至 {high}）后放弃；根据 {of} 次排队中放弃的 {n} 次估计", patienceUnknown: "没有人放弃，耐心未知",
    redials: "{n} 次未接通中有 {share} 在一小时内重拨，平均 {min} 分钟后", redialsUnknown: "尚无可用于了解重拨的数据", days: "来电习惯取自 {n} 天",
    whatIf: "如果", begin: "从", end: "到", more: "增减座席", moreNow: "{from}–{until} {more} 个座席", handlingField: "每通处理秒数", patienceField: "耐心秒数", redialField: "重拨百分比", reset: "恢复原样",
    was: "实际", formulas: "Erlang C 至 A", played: "含重拨模拟 {n} 次", within: "15 秒内接通", gaveUp: "放弃", range: "{low} 至 {high}", playedRange: "{mean}（{low} 至 {high}）", redialled: "因重拨多出 {n} 次呼叫",
    advice: "怎样会更好", adviceOne: "{from}–{until} 增开 {more} 个座席", hopeful: "若算上有人放弃，{n} 个即可", adviceNone: "座席足够：95% 可在 15 秒内接通。", adviceMore: "另有 {n} 个时段", try: "试算", working: "计算中…",
  },
  overflow: { message: "播放提示后结束", duty: "转值班电话", queue: "转其他队列", voicemail: "语音留言", callback: "登记回拨" },
  overflowTo: { duty: "值班电话号码", queue: "队列名" },
  tuning: {
    saved: "已保存，正在生效。", in_force: "已生效（{who}）", waiting: "正在生效…", refused: "⚠ 未生效：{who}", version: "第 {n} 版 · {by}",
    history: "历史", historyOf: "{what} 的修改历史", close: "关闭", undo: "撤销这次修改", again: "恢复为这一版", undoOf: "（恢复第 {n} 版）",
    newQueue: "新建队列", name: "队列名", nameHint: "小写字母、数字、- 和 _，以字母开头", live: "等待 {waiting} 人 · 签入 {agents} 人", save: "保存", make: "新建", leave: "不改",
    outOf: "“{field}”应为 {least} 到 {most} 的整数。", profileLess: "当前时段方案最多允许 {most} 人等待，比这里更少，以较少的为准（在“时段与日历”中修改）。",
    warnings: "这次修改会影响来电人", doIt: "已了解，确认修改",
    numbers: "号码与队列", numbersHint: "从下一个来电起生效", queueOf: "{what} 进入的队列", newNumber: "新号码", numberWrong: "号码为 3 到 15 位数字，并请选择队列。",
    skills: "受理员技能", skillsHint: "级别 1 先振铃；已签入的立即调整，不会签出", agent: "受理员", now: "现在接听", signedOut: "未签入", levelOf: "{who} 在“{queue}”的级别",
    seatPlan: "座席计划（按时段方案与小时）", planNow: "现在（{profile}）：计划 {planned} 席，在岗 {duty} 人，座席共 {seats} 个", planOf: "{profile} {hour} 点的席数", fill: "全天同 0 点", fillOf: "{profile}：全天同 0 点", planWrong: "席数为 0 到 500 的整数。",
  },
  queueField: { title: "显示名称", strategy: "分配方式", ring_s: "每席振铃（秒）", wrap_up_s: "话后整理上限（秒）", weight: "权重（大的优先）", max_waiting: "最多等待（人）", announce_every_s: "排队播报间隔（秒）", announce_place: "播报排队位置", service_s: "接通时限（秒）" },
  tuningField: { queue: "队列", queues: "队列与级别" },
  strategy: { leastrecent: "最久未接者先", fewestcalls: "接得最少者先", rrmemory: "轮流", random: "随机", ringall: "同时振铃" },
  hours: {
    nowHeading: "现在的时段方案", asPlanned: "按计划", overrideUntil: "{by} 切换，至 {at}；计划为{planned}", other: "切换为", howLong: "持续", minutes: "{n} 分钟",
    switch: "立即切换", backToPlan: "恢复计划", saved: "已保存，两秒内生效", calendar: "日历", before: "上个月", after: "下个月", provisional: "暂定（国务院尚未公布）",
    asWeekday: "按星期", plan: "时段计划", quarters: "以一刻钟为单位，如 08:15", from: "开始时间", profile: "时段方案", add: "添加时段", remove: "删除时段",
    maxWaiting: "最多排队人数", maxWait: "最长等待（秒）", opening: "开场语", openingHint: "接通后先播放，如：现在是夜间服务时间", save: "保存",
    on_full: "排队已满时", on_no_agent: "无人签入时", on_too_long: "等待过久时",
  },
};
