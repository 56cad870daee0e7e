/** 电话与中继 */
export default {
  saved: "已保存，两秒内生效", extensions: "分机", trunks: "中继", classes: "呼叫权限等级", save: "保存", cancel: "取消", change: "修改", remove: "删除", removeSure: "确认删除 {name}",
  inForce: { yes: "交换机已生效", waiting: "交换机尚未生效", fault: "最新的修改没有生效：{why}", unknown: "交换机还没有报告生效的配置" },
  state: { registered: "在线", unreachable: "联系不上", unregistered: "未注册", rejected: "运营商拒绝注册", unchecked: "按地址，未探测", unknown: "未知" },
  since: "{at}起", rtt: "{ms} 毫秒", lastFault: "上次故障：{what}，{at}",
  fault: { unreachable: "没有应答", registration_rejected: "运营商拒绝我们的注册", unregistered: "注册丢失", secret: "密码错误，来自 {what}", sip: "SIP {what}", q850: "原因码 {what}",
    sip_403: "运营商不允许（SIP 403）", sip_407: "运营商要求口令（SIP 407）", sip_408: "对方没有及时应答（SIP 408）", sip_488: "没有共同的编码（SIP 488）", sip_500: "运营商设备故障（SIP 500）", sip_502: "运营商后端故障（SIP 502）", sip_503: "运营商停止服务或已满（SIP 503）", sip_504: "运营商后端没有应答（SIP 504）",
    q850_27: "对端故障（原因码 27）", q850_34: "运营商没有空闲线路（原因码 34）", q850_38: "网络故障（原因码 38）", q850_41: "网络临时故障（原因码 41）", q850_42: "运营商拥塞（原因码 42）", q850_58: "没有共同的编码（原因码 58）" },
  extensionOf: "分机 {seat}", newExtension: "新分机", number: "号码", label: "名称", class: "呼叫权限等级", siteClass: "按全局设置", create: "开通并显示开通单",
  newSecret: "换话机密码", newBrowserSecret: "换网页电话密码", retire: "停用", retireSure: "确认停用 {seat}", retired: "已停用", back: "重新启用",
  sheet: "SIP 话机 {seat}", once: "密码只显示这一次。请现在打印、扫码或输入；以后只能换新密码。", uriQr: "SIP 账号地址（RFC 3261）", waveQr: "Grandstream Wave 账号", print: "打印", sheetDone: "完成，隐藏",
  newTrunk: "新中继", changeTrunk: "修改中继 {name}", trunkName: "短名称", trunkTitle: "名称", host: "运营商地址", addresses: "也允许从这些地址呼入", registers: "需要向运营商注册", username: "用户名", password: "密码", keeps: "保持原密码",
  codecs: "编码", limit: "并发上限", noLimit: "不限", position: "顺序（0 最先）", active: "可以呼出", inactive: "不呼出", kind: { settings: "来自设置", address: "按地址", registration: "按注册" },
  carries: "正在承载 {n} 路", carriesOf: "正在承载 {n} / {of} 路", turn: "顺序 {n}", testOf: "通过 {name} 测试呼叫", testNumber: "测试号码", test: "测试呼叫", testRuns: "正在呼叫…", testAnswered: "已接听：中继可以通话", testFailed: "{end}：{why}", notAnswered: "没有接通",
  undo: "撤销上次修改", undoOf: "撤销对 {name} 的上次修改", undoRemoval: "撤销对 {name} 的删除", removedBy: "{name}：{by} 于{at}删除",
  field: { title: "名称", host: "运营商地址", addresses: "也允许从这些地址呼入", username: "用户名", password: "密码（第几个）", codecs: "编码", channel_limit: "并发上限", position: "顺序", active: "可以呼出" },
  className: "短名称", classTitle: "名称", kinds: "可以拨打", noKinds: "只能拨打工单和通讯录号码", classHint: "工单和通讯录号码总可以拨打；国际号码永远不可以", numbers: { local: "市内", fixed: "长途", mobile: "手机", service: "服务号码" },
};
