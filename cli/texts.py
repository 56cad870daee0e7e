"""Every sentence that the command line says, in Chinese and English, in one table; LANG decides which.

Standard library only and no syntax newer than Python 3.8: the bootstrap says these before anything is installed.
"""

from __future__ import annotations

TEXTS = {
    # bootstrap
    "python_old": (
        "连心线需要 Python 3.11 或更新版本，这台机器的是 {version}。请安装较新的 Python，再运行：make run PYTHON=python3.12",
        "Lianxin needs Python 3.11 or newer, this machine's is {version}. Install a newer one, then: make run PYTHON=python3.12",
    ),
    "memory_short": (
        "内存不足：这台机器只有 {have:.1f} GB，连心线需要至少 2 GB。请增加内存，或设置 LIANXIN_MIN_MEMORY_GB=0 强行尝试。",
        "Memory is short: this machine has {have:.1f} GB, Lianxin needs at least 2 GB. Add memory, or set LIANXIN_MIN_MEMORY_GB=0 to try anyway.",
    ),
    "disk_short": (
        "磁盘空间不足：{path} 只剩 {have:.1f} GB，需要 {need:.1f} GB。请清理磁盘，或用 LIANXIN_VAR 指向别的磁盘。",
        "Disk is short: {path} has {have:.1f} GB left, {need:.1f} GB are needed. Free some space, or point LIANXIN_VAR at another disk.",
    ),
    "not_writable": (
        "当前用户不能写入 {path}，它属于用户 {owner}。请用该用户运行，或执行：sudo chown -R {me} {path}",
        "You cannot write to {path}, it belongs to {owner}. Run as that user, or: sudo chown -R {me} {path}",
    ),
    "no_root": (
        "缺少软件包，而当前用户既不是 root 也不能使用 sudo。请让管理员执行：{command}",
        "Packages are missing, and you are neither root nor allowed to use sudo. Ask an administrator to run: {command}",
    ),
    "no_apt": (
        "这台机器没有 apt-get。请自行安装：{missing}，然后重新运行。",
        "This machine has no apt-get. Install these yourself, then run again: {missing}",
    ),
    "no_network": (
        "“{step}”需要网络，但连接不上软件源。请检查网络或代理设置，然后重新运行。日志：{log}",
        "“{step}” needs the network and cannot reach its server. Check the network or the proxy settings, then run again. Log: {log}",
    ),
    "step_failed": (
        "“{step}”失败：{why}。完整日志：{log}",
        "“{step}” failed: {why}. Full log: {log}",
    ),
    "step_done": ("✓ {step}（{took_s:.0f} 秒）", "✓ {step} ({took_s:.0f} s)"),
    "still": ("… {step}：{elapsed_s:.0f} 秒，{last}", "… {step}: {elapsed_s:.0f} s, {last}"),
    "step_packages": ("安装系统软件包：{names}", "Install system packages: {names}"),
    "step_venv": ("创建 Python 环境 .venv", "Make the Python environment .venv"),
    "step_requirements": ("安装 Python 依赖（{file}）", "Install Python dependencies ({file})"),
    "step_npm": ("安装网页依赖（npm ci）", "Install the web pages' dependencies (npm ci)"),
    "step_build": ("构建网页", "Build the web pages"),
    "another_bootstrap": ("另一个安装正在进行，等待它结束…", "Another set-up is under way, waiting for it to end…"),
    # run
    "already_running": (
        "连心线已经在这个目录中运行（进程 {pid}）。先在那个终端按 Ctrl-C，或执行：kill {pid}",
        "Lianxin already runs from this folder (process {pid}). Press Ctrl-C in its terminal first, or: kill {pid}",
    ),
    "port_taken": (
        "{protocol} 端口 {address}:{port}（{part}）已被{who}占用。请停掉它，或用 {setting} 换一个端口。",
        "{protocol} port {address}:{port} ({part}) is taken by {who}. Stop it, or choose another port with {setting}.",
    ),
    "port_forbidden": (
        "不能使用 {protocol} {address}:{port}（{part}）：{why}。请用 {setting} 换一个。",
        "{protocol} {address}:{port} ({part}) cannot be used: {why}. Choose another with {setting}.",
    ),
    "who_process": ("进程 {pid}（{name}）", "process {pid} ({name})"),
    "who_unknown": ("另一个程序", "another program"),
    "failed": ("出错了：{why}", "Something went wrong: {why}"),
    "bad_setting": ("设置有误：{name} {why}", "A setting is wrong: {name} {why}"),
    "bad_external_pbx": (
        "LIANXIN_PBX_MANAGED=false 时必须给出 LIANXIN_PBX_AMI_SECRET（manager.conf 中用户 cti 的口令）",
        "With LIANXIN_PBX_MANAGED=false, LIANXIN_PBX_AMI_SECRET (of the manager user cti) must be given",
    ),
    "step_asterisk": ("准备 Asterisk", "Get Asterisk ready"),
    "step_database": ("启动数据库并更新表结构", "Start the database and bring its tables up to date"),
    "step_seed": ("写入目录、座席与演示账号", "Put in the catalogue, seats and demo accounts"),
    "first_queue": ("市民热线", "Citizen hotline"),
    "step_prompts": ("制作语音提示", "Make the spoken prompts"),
    "step_pbx": ("启动 Asterisk", "Start Asterisk"),
    "step_services": ("启动 cti、worker、api", "Start cti, worker, api"),
    "ready": ("连心线已就绪（用时 {took_s:.1f} 秒）", "Lianxin is ready (took {took_s:.1f} s)"),
    "desk_at": ("坐席台    {url}", "Desk       {url}"),
    "accounts": ("演示账号  密码都是 {password}", "Accounts   all with the password {password}"),
    "account": ("          {login:<12}{name}（{role}）", "           {login:<12}{name} ({role})"),
    "number": (
        "热线号码  {number}，SIP 中继 UDP {address}:{port}",
        "Number     {number}, SIP trunk on UDP {address}:{port}",
    ),
    "call_with": ("打一个电话  {command}", "Call it    {command}"),
    "stop_with": ("按 Ctrl-C 停止，数据都会保留", "Ctrl-C stops everything; all data is kept"),
    "role_agent": ("坐席", "agent"),
    "role_supervisor": ("班长", "supervisor"),
    "role_admin": ("管理员", "administrator"),
    "role_agency": ("承办单位", "agency"),
    "role_leader": ("领导", "leader"),
    "role_auditor": ("审计员", "auditor"),
    "child_died": (
        "{name} 意外退出（{how}），{delay_s:.0f} 秒后重新启动。最后的日志：{last}",
        "{name} ended unexpectedly ({how}); starting it again in {delay_s:.0f} s. Its last words: {last}",
    ),
    "child_back": ("{name} 已重新启动", "{name} runs again"),
    "how_signal": ("信号 {number}", "signal {number}"),
    "how_code": ("退出码 {number}", "exit code {number}"),
    "not_healthy": (
        "{name} 没有在 {within_s:.0f} 秒内就绪：{why}。日志：{log}",
        "{name} was not ready within {within_s:.0f} s: {why}. Log: {log}",
    ),
    "stopping": ("正在停止…", "Stopping…"),
    "stopped": ("已停止，数据保留在 {var}", "Stopped; the data is kept in {var}"),
    "killed_child": ("{name} 没有按时停下，已强制结束", "{name} did not stop in time and was killed"),
    "cleaned": ("清理了上次遗留的进程：{names}", "Cleaned up what an earlier run left behind: {names}"),
    # call
    "call_not_running": (
        "热线没有在运行：{why}。请先在另一个终端执行 make run。",
        "The hotline is not running: {why}. Start it in another terminal with: make run",
    ),
    "call_bad_number": ("{what} 不是电话号码：{value}", "{what} is not a telephone number: {value}"),
    "call_both": ("--say 与 --wav 只能用一个", "Use --say or --wav, not both"),
    "call_no_wav": ("找不到声音文件：{path}", "There is no such sound file: {path}"),
    "call_dialling": ("{at} 用 {caller} 拨打 {called}", "{at} {caller} calls {called}"),
    "call_connected": ("{at} 总机已接通，正在播放录音告知", "{at} the switch answered, the recording notice plays"),
    "call_queued": ("{at} 进入队列，第 {position} 位", "{at} queued, place {position}"),
    "call_queued_first": ("{at} 进入队列", "{at} queued"),
    "call_ringing": ("{at} 坐席振铃：{agents}", "{at} ringing: {agents}"),
    "call_answered": ("{at} {agent} 接听", "{at} answered by {agent}"),
    "call_held": ("{at} 坐席保持通话", "{at} the agent put the call on hold"),
    "call_unheld": ("{at} 恢复通话", "{at} the call goes on"),
    "call_ended": ("{at} {who}挂断，通话 {talk_s:.0f} 秒", "{at} {who} hung up after {talk_s:.0f} s of talk"),
    "call_gone": ("{at} 没有接通就结束了：{why}", "{at} ended without an answer: {why}"),
    "call_case": ("{at} 工单 {number}", "{at} case {number}"),
    "call_no_case": ("{at} 坐席还没有提交工单", "{at} the agent has not submitted a case yet"),
    "call_recording": ("{at} 录音：{state}，{duration_s:.1f} 秒", "{at} recording: {state}, {duration_s:.1f} s"),
    "call_no_recording": ("{at} 还没有录音", "{at} no recording yet"),
    "call_rejected": ("{at} 总机没有接这个电话（{why}）", "{at} the switch did not take the call ({why})"),
    "recording_complete": ("完整", "complete"),
    "recording_short": ("不完整", "short"),
    "recording_missing": ("缺失", "missing"),
    "outcome_answered": ("已接听", "answered"),
    "outcome_internal": ("内部通话", "internal"),
    "who_citizen": ("市民", "the citizen"),
    "who_agent": ("坐席", "the agent"),
    "who_outside": ("被叫方", "the other party"),
    "who_switch": ("总机", "the switch"),
    "who_unknown_side": ("不明一方", "somebody"),
    "outcome_abandoned": ("市民在队列中挂断", "the citizen hung up while waiting"),
    "outcome_left_early": ("市民在排队前挂断", "the citizen hung up before the queue"),
    "outcome_not_reached": ("外呼未接通", "the citizen did not answer our call"),
    "outcome_refused_full": ("队列已满", "the queue is full"),
    "outcome_refused_no_agent": ("没有坐席签入", "no agent is signed in"),
    "outcome_timed_out": ("等候时间已到上限", "waited as long as a citizen may wait"),
    "outcome_denied": ("不允许呼叫这个号码", "this number may not be called"),
    "outcome_lost": ("总机中断", "the switch died"),
    "outcome_open": ("还没有记录", "not on record yet"),
    # town
    "town_ready": (
        "城里的电话接通了（{contact}）：地址簿里 {count} 个承办单位号码、110、任何市民号码。号码末两位决定脾气：91 忙，92 不接，93 拒接，94 接了就挂，95 十秒后才接，96 十五秒后挂断。按 Ctrl-C 停止",
        "The town is on the line ({contact}): {count} agency numbers of the address book, 110, any citizen. A number's last two digits: 91 busy, 92 never answers, 93 refuses, 94 hangs up on us, 95 answers after 10 s, 96 hangs up after 15 s. Ctrl-C stops it",
    ),
    "town_real": (
        "中继 {contact} 不在本机：那里是真正的运营商，不能由 lianxin town 扮演",
        "The trunk {contact} is not on this machine: a real carrier is there, lianxin town cannot play it",
    ),
    "town_rings": ("{at} {number} 响铃，来电显示 {caller}", "{at} {number} rings, shown {caller}"),
    "town_answers": ("{at} {number} 接听", "{at} {number} answers"),
    "town_ends": ("{at} {number} 通话结束", "{at} {number} is over"),
    # accounts
    "account_password": ("密码（至少 8 位）：", "Password (at least 8 characters): "),
    "account_made": ("账号 {login} 已建立", "Account {login} was made"),
    "account_changed": (
        "账号 {login} 的密码已更改，已登录的会话都已结束",
        "Account {login} has a new password; its sessions ended",
    ),
    # audit
    "audit_whole": ("审计链完整：{rows} 行，末尾 {head}", "The audit is whole: {rows} rows, head {head}"),
    "audit_broken": (
        "审计链在第 {row} 行断开（此前 {rows} 行完整）：有行被改动或删除",
        "The audit breaks at row {row} ({rows} rows before it are whole): a row was changed or removed",
    ),
    # doctor
    "d_sum_good": ("一切正常。", "All is well."),
    "d_sum_bad": ("有 {count} 处需要处理（上面标 ✗ 的）。", "{count} to be mended (marked ✗ above)."),
    "d_not_running": ("连心线没有运行", "Lianxin is not running"),
    "d_python": ("Python {version}", "Python {version}"),
    "d_memory": ("内存 {have:.1f} GB", "Memory: {have:.1f} GB"),
    "d_memory_short": ("内存只有 {have:.1f} GB：至少需要 2 GB", "Memory: {have:.1f} GB only, at least 2 GB are needed"),
    "d_disk": ("磁盘 {path}：剩余 {free:.1f} GB（{share:.0%}）", "Disk {path}: {free:.1f} GB free ({share:.0%})"),
    "d_disk_low": (
        "磁盘 {path} 空间不多：剩余 {free:.1f} GB（{share:.0%}），录音可能很快写满，请清理或扩容",
        "Disk {path} is getting full: {free:.1f} GB ({share:.0%}) free; recordings may fill it soon, make room",
    ),
    "d_disk_full": (
        "磁盘 {path} 快满了：只剩 {free:.2f} GB。电话仍能接通，但录音会中断，请立即清理",
        "Disk {path} is nearly full: {free:.2f} GB. Calls go on but are not recorded: make room now",
    ),
    "d_clock": ("系统时钟已同步", "The clock is synchronised"),
    "d_clock_free": (
        "系统时钟没有与时间服务器同步：请启用 chrony 或 systemd-timesyncd，否则通话时间不可信",
        "The clock is not synchronised: enable chrony or systemd-timesyncd, or the times of calls cannot be trusted",
    ),
    "d_clocks_apart": (
        "数据库与本机时钟相差 {seconds:.1f} 秒：请让两台机器都与时间服务器同步",
        "The database's clock and ours are {seconds:.1f} s apart: synchronise both machines",
    ),
    "d_port_free": ("{protocol} {address}:{port}（{part}）空闲", "{protocol} {address}:{port} ({part}) is free"),
    "d_web": ("网页已构建：{path}", "The web pages are built: {path}"),
    "d_web_missing": (
        "网页没有构建（{path}）：请运行 make run",
        "The web pages are not built ({path}): make run builds them",
    ),
    "d_loopback": ("坐席台只在本机：{url}", "The desk is on this machine only: {url}"),
    "d_https_missing": (
        "坐席台在 {url}，没有 HTTPS：浏览器只对 HTTPS 页面开放麦克风，请按 docs/install.md 配置 TLS",
        "The desk is at {url} without HTTPS: browsers give a microphone to HTTPS pages only; see docs/install.md for TLS",
    ),
    "d_wss_missing": (
        "坐席台使用 HTTPS，但 {setting} 不是 wss:// 地址：浏览器不会从 HTTPS 页面连接 ws://",
        "The desk uses HTTPS but {setting} is no wss:// address: browsers do not connect to ws:// from an HTTPS page",
    ),
    "d_https": ("坐席台使用 HTTPS，话机地址 {url}", "The desk uses HTTPS, telephones connect to {url}"),
    "d_database": ("PostgreSQL {version}", "PostgreSQL {version}"),
    "d_database_old": (
        "PostgreSQL {version} 太旧，需要 14 以上",
        "PostgreSQL {version} is too old, 14 or newer is needed",
    ),
    "d_database_away": (
        "连接不上数据库：{why}。请运行 make run，或检查 DATABASE_URL",
        "The database does not answer: {why}. Start it with make run, or check DATABASE_URL",
    ),
    "d_locale": ("数据库的语言环境可以搜索中文", "The database's locale can search Chinese"),
    "d_locale_bad": (
        "数据库的语言环境不能搜索中文：请用 initdb --encoding=UTF8 --locale=C.UTF-8 重新创建",
        "The database's locale cannot search Chinese: make it anew with initdb --encoding=UTF8 --locale=C.UTF-8",
    ),
    "d_schema": ("表结构是最新的（{revision}）", "The schema is up to date ({revision})"),
    "d_schema_old": (
        "表结构是 {have}，应为 {wanted}：请运行 lianxin migrate",
        "The schema is {have}, it should be {wanted}: run lianxin migrate",
    ),
    "d_cti": ("cti 已连接总机（自 {since}）", "cti is connected to the PBX (since {since})"),
    "d_cti_silent": (
        "cti 没有运行：请运行 make run，日志在 var/log/cti.log",
        "cti is not running: make run; its log is var/log/cti.log",
    ),
    "d_cti_away": (
        "cti 没有连上总机（{reason}，自 {since}）：请检查 Asterisk 与 var/log/cti.log",
        "cti is not connected to the PBX ({reason}, since {since}): look at Asterisk and var/log/cti.log",
    ),
    "d_worker": ("worker 正常", "worker is well"),
    "d_worker_silent": (
        "worker 没有运行：日志在 var/log/worker.log",
        "worker is not running: its log is var/log/worker.log",
    ),
    "d_worker_ill": ("worker 报告问题：{reasons}", "worker reports: {reasons}"),
    "d_dead_letters": (
        "有 {count} 条记录被搁置（表 dead_letter），请查看原因",
        "{count} records were set aside (table dead_letter): look at their reasons",
    ),
    "d_api": ("api 正常：{url}", "api answers: {url}"),
    "d_api_away": (
        "api 没有应答 {url}：{why}。日志在 var/log/api.log",
        "api does not answer at {url}: {why}. Its log is var/log/api.log",
    ),
    "d_pbx": ("{version}", "{version}"),
    "d_pbx_external": (
        "使用外部 Asterisk（{address}）：请在那台机器上检查它",
        "The PBX is somebody else's ({address}): examine it on its own machine",
    ),
    "d_pbx_missing": (
        "没有可用的 Asterisk：{why}。运行 make run 会安装",
        "No Asterisk that can be used: {why}. make run installs one",
    ),
    "d_pbx_not_running": ("Asterisk 没有运行：请运行 make run", "Asterisk is not running: make run"),
    "d_prompts": ("语音提示齐全", "The spoken prompts are complete"),
    "d_prompts_missing": (
        "缺少 {count} 个语音提示（例如 {first}）：运行 make run 会制作",
        "{count} spoken prompts are missing ({first}, …): make run makes them",
    ),
    "d_spool": ("录音目录可写：{path}", "The spool is writable: {path}"),
    "d_spool_bad": ("录音目录不存在或不可写：{path}", "The spool is missing or not writable: {path}"),
    "d_not_rendered": (
        "总机配置还没有生成（{path}）：运行 make run",
        "The PBX's configuration is not there ({path}): make run",
    ),
    "d_writetimeout": ("AMI 写超时 {ms} 毫秒", "AMI write timeout: {ms} ms"),
    "d_writetimeout_bad": (
        "{path} 的 writetimeout 太短：cti 停顿时会丢事件，运行 make run 会重新生成",
        "writetimeout in {path} is too short: events are lost when cti stalls; make run renders it again",
    ),
    "d_modules": ("Asterisk 模块齐全（{count} 个）", "Asterisk has its modules ({count})"),
    "d_modules_missing": ("Asterisk 缺少模块：{names}", "Asterisk lacks modules: {names}"),
    "d_cel": ("呼叫流水（CEL）在写", "The journal of calls (CEL) is written"),
    "d_cel_off": (
        "Asterisk 不写呼叫流水（CEL）：通话不会入库。请检查 cel.conf 与 cel_custom.conf，再重启 Asterisk",
        "Asterisk writes no journal of calls (CEL): no call will be on record. Check cel.conf and cel_custom.conf, then"
        " restart Asterisk",
    ),
    "d_cel_lacks": (
        "呼叫流水缺少 {names}：相应的事（如保持）不会入库；Asterisk 22 才全",
        "The journal of calls lacks {names}: what they tell (holds) is not on record; Asterisk 22 has them all",
    ),
    "d_ami": ("AMI 只在本机：{address}:{port}", "AMI is on loopback only: {address}:{port}"),
    "d_ami_off": ("AMI 没有启用：cti 无法工作", "AMI is off: cti cannot work"),
    "d_ami_open": (
        "AMI 监听在 {address}：它是明文且权限极大，必须只在本机",
        "AMI listens on {address}: it is plain text and all-powerful, loopback only",
    ),
    "d_ami_stamps": (
        "AMI 事件没有时间戳：timestampevents 应为 yes",
        "AMI events carry no time: timestampevents must be yes",
    ),
    "d_ami_classes": (
        "AMI 用户 cti 的 {word} 权限是 {have}，应为 {wanted}",
        "AMI user cti has {word} classes {have}, should have {wanted}",
    ),
    "d_anonymous": (
        "总机接受匿名呼叫：必须去掉 anonymous 端点",
        "The PBX accepts anonymous calls: remove the endpoint anonymous",
    ),
    "d_no_anonymous": ("总机不接受匿名呼叫", "The PBX accepts no anonymous calls"),
    "d_trunk": ("中继 {contact} 有应答，可以呼出", "The trunk {contact} answers: calls out can be placed"),
    "d_trunk_silent": (
        "中继 {contact} 没有应答：来电照常，但转接、会议和呼出打不出去。本机试用请运行 lianxin town（make town），正式使用请检查 LIANXIN_TRUNK_CONTACT",
        "The trunk {contact} does not answer: calls come in, but transfers, conferences and calls out fail. To try them here run lianxin town (make town); in production check LIANXIN_TRUNK_CONTACT",
    ),
    "d_trunk_other": (
        "总机呼出的中继不是 {contact}：配置已改，请重新运行 make run",
        "The PBX does not call out to {contact}: the setting has changed, run make run again",
    ),
    "d_phones": ("已注册的话机：{phones}", "Registered telephones: {phones}"),
    "d_no_phones": (
        "没有话机注册：坐席登录网页后才会注册",
        "No telephone is registered: one is when an agent opens the desk",
    ),
}
