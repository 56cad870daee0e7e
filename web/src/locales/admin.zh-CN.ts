/** 管理员各页的文字，并入 zh-CN。 */
export default {
  user: {
    list: "用户（{n}）", find: "按姓名、登录名、工号查找", new: "新建用户", change: "更改用户", changeOf: "更改 {login}", login: "登录名", loginHint: "字母和数字，如 wangfang", name: "姓名", role: "角色", agentNo: "工号与座席", seat: "座席", locale: "语言", seen: "最近使用", acts: "操作",
    queues: "分管队列", queuesHint: "不选即分管全部队列。", create: "建立账号", save: "保存", cancel: "取消", saved: "已保存", changeHint: "更改角色、工号、座席或队列后，此人须重新登录。", edit: "更改", password: "重置密码", lock: "停用", unlock: "启用", locked: "已停用",
    sure: { lock: "确认停用，立即退出登录", password: "确认重置，立即退出登录" }, never: "从未", here: "已登录", inQueue: "在队列中", told: "{login} 的密码，只显示这一次，请当面交给本人：", toldRead: "已记下，隐藏",
  },
  role: { agent: "受理员", supervisor: "班长", admin: "管理员", agency: "承办单位", leader: "签批领导", auditor: "督查员" },
  sound: {
    label: "录音", record: "录音", stop: "停止录音", seconds: "{n} 秒", speak: "由文字合成", file: "选择文件", listen: "试听", none: "不用录音", isNone: "没有录音",
    unreadable: "无法读取这段声音", noMicrophone: "无法使用麦克风",
  },
};
