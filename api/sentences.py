"""What people read when something was refused or is away: a sentence per stable code, in Chinese and English.

Codes of processes that never answer HTTP themselves are here too: a command's ``reason`` is shown by the same words.
"""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # families, for a code that has no sentence of its own
    "refused": ("这个操作不被允许。", "This is not allowed."),
    "unavailable": ("系统的一部分暂时不可用，请稍后再试。", "A part of the system is away for the moment. Please try again."),
    "broken": ("系统内部出错，已经记录。", "Something broke inside the system. It has been recorded."),
    "error": ("系统内部出错，已经记录。", "Something broke inside the system. It has been recorded."),
    # sessions and rights
    "session.required": ("请先登录。", "Please sign in first."),
    "session.bad_credentials": ("账号或密码不正确。", "The login or the password is wrong."),
    "session.locked": ("尝试次数过多，请在 {retry_after_s} 秒后再试。", "Too many attempts. Please wait {retry_after_s} seconds."),
    "right.missing": ("您的角色没有这项权限。", "Your role does not have this right."),
    "csrf.missing": ("请求缺少来源标记，已拒绝。", "The request lacks the mark of this desk's own page and was refused."),
    "origin.refused": ("请求来自其他网站，已拒绝。", "The request came from another site and was refused."),
    "host.refused": ("不接受以这个地址访问。", "This desk does not answer under that address."),
    "server.busy": ("现在登录的人太多，请稍后再试。", "Too many people are signing in just now. Please try again."),
    # requests
    "request.unreadable": ("请求内容无法读取（不是有效的 UTF-8 或 JSON）。", "The request cannot be read (not valid UTF-8 or JSON)."),
    "request.invalid": ("有字段填写不正确。", "Some fields are not right."),
    "request.not_found": ("没有这个地址。", "There is nothing at this address."),
    "request.bad_method": ("这个地址不支持该操作。", "This address does not do that."),
    "request.too_large": ("内容过大。", "The content is too large."),
    "page.bad_cursor": ("翻页标记无效，请重新查询。", "The page mark is not valid. Please search again."),
    # database
    "database.away": ("数据库暂时不可用，正在恢复；您的内容不会丢失。", "The database is away for the moment and will be back; nothing you typed is lost."),
    "database.locale": ("数据库的字符设置不能检索中文。", "The database's locale cannot search Chinese text."),
    "database.not_installed": ("本机没有安装 PostgreSQL。", "PostgreSQL is not installed on this machine."),
    "database.not_started": ("PostgreSQL 没有启动成功。", "PostgreSQL did not start."),
    "port.taken": ("端口已被占用。", "The port is taken."),
    # agents, commands, calls
    "agent.no_seat": ("您的账号没有分配座席。", "Your account has no seat."),
    "agent.no_number": ("您的账号没有工号，不能接听来电。", "Your account has no agent number and answers no calls."),
    "agent.seat_not_yours": ("这不是您的座席。", "This is not your seat."),
    "agent.phone_not_registered": ("电话没有注册，无法签入。", "The telephone is not registered."),
    "agent.not_signed_in": ("您还没有签入。", "You are not signed in to the queue."),
    "agent.away": ("这位受理员没有签入。", "This agent is not signed in."),
    "hand.not_found": ("没有这次举手，或已放下。", "There is no such hand, or it is down again."),
    "alarm.not_found": ("没有这条告警。", "There is no such alarm."),
    "hand.not_yours": ("这不是您的举手。", "This is not your hand."),
    "message.not_found": ("没有这条消息。", "There is no such message."),
    "agent.seat_taken": ("这个座席已有人签入。", "Somebody else sits at this seat."),
    "agent.already_signed_in": ("您已经签入。", "You are signed in already."),
    "command.id_taken": ("这个操作编号已被使用。", "This command id is used already."),
    "command.not_found": ("没有这个操作。", "There is no such command."),
    "command.bad_argument": ("操作的参数不正确。", "The command's arguments are not right."),
    "command.unknown_kind": ("没有这种操作。", "There is no such kind of command."),
    "command.deadline": ("操作没有及时完成。", "The command was not done in time."),
    "agent.in_call": ("通话还没有结束。", "The call is not over yet."),
    "agent.phone_blocked": ("电话或麦克风现在不可用，不能示闲。", "The telephone or the microphone cannot be used now."),
    "agent.too_many_reasons": ("示忙原因过多。", "There are too many reasons for the pause."),
    "command.not_confirmed": ("操作已发出，但没有得到确认。", "The command was sent, and nothing confirmed it."),
    "command.expired": ("操作没有及时发出，未执行。", "The command was not sent in time; nothing was done."),
    "call.bad_argument": ("呼叫的参数不正确。", "The call's arguments are not right."),
    "call.hold_at_phone": ("请在电话机上保持通话。", "Hold the call at the telephone itself."),
    "call.not_running": ("系统没有运行，无法呼叫。", "The system is not running; no call can be placed."),
    "call.not_yours": ("这不是您的来电。", "This is not your call."),
    "call.not_found": ("没有找到这通来电。", "There is no such call."),
    # ears
    "call.taken": ("这通来电已由{holder}接管或正在接管。", "This call is being taken over, or has been, by {holder}."),
    "call.own": ("您就在这通来电里。", "You are in this call yourself."),
    "call.nobody_listens": ("您没有在监听这通来电。", "You do not listen to this call."),
    "agent.in_call_already": ("您的座席正在通话或正在监听另一通来电。", "Your seat is in a call, or listens to another one."),
    # moving a call
    "call.not_talking": ("现在没有人在通话，无法进行这个操作。", "Nobody is talking, so there is nothing to move."),
    "call.agent_busy": ("您正在通话中，不能外呼。", "You are in a call; end it before calling out."),
    "call.no_consultation": ("现在没有在咨询任何人。", "There is no consultation."),
    "call.consultation_open": ("请先结束正在进行的咨询。", "End the consultation first."),
    "call.leg_not_found": ("这一方已不在通话中。", "This party is not in the call any more."),
    "call.room_full": ("会议人数已满。", "The conference is full."),
    "call.ended": ("通话已经结束。", "The call has ended meanwhile."),
    "failed": ("操作没有成功。", "It was tried and did not work."),
    "leg.busy": ("对方占线。", "The number is busy."),
    "leg.no_answer": ("对方无人接听。", "Nobody answered."),
    "leg.refused": ("对方拒接。", "The call was refused."),
    "leg.failed": ("无法接通这个号码。", "The number cannot be reached."),
    "leg.cancelled": ("呼叫已取消。", "The call was cancelled."),
    "leg.hung_up_on_us": ("对方接听后挂断。", "They answered and hung up on us."),
    "target.not_found": ("通讯录里没有这个号码。", "There is no such number in the address book."),
    "capacity.handling_unknown": ("那天没有通话，请填写平均处理时长。", "Nobody talked on that day: say how long a call takes."),
    "capacity.in_future": ("那一天还没有到。", "That day has not come yet."),
    "agency.not_found": ("通讯录里没有这个单位。", "There is no such agency in the address book."),
    "conference.not_found": ("没有找到这个会议。", "There is no such conference."),
    "promise.id_taken": ("这个承诺编号已被使用。", "This promise id is used already."),
    "callback.not_found": ("没有找到这个待回电的来电人。", "There is no such entry on the callback list."),
    "callback.ended": ("这个来电人已经处理完毕，或者号码无法拨打。", "This entry is over, or its number cannot be called."),
    "callback.taken": ("这个来电人正由另一位受理员回电。", "Another agent is calling this citizen back."),
    "callback.not_yours": ("这个来电人不在您手上。", "You have not taken this citizen."),
    "callback.not_now": ("有来电人正在排队，请先接听。", "Citizens are waiting in the queue: they come first."),
    "callback.none": ("现在没有需要回电的人。", "Nobody is owed a call now."),
    "flag.not_found": ("没有找到这个标记。", "There is no such flag."),
    "flag.ended": ("这个标记已经失效或解除。", "This flag has ended already."),
    "hours.bad_plan": ("时段必须从零点开始、按顺序、以一刻钟为单位。", "The hours must begin at 0:00, in order, at whole quarters of an hour."),
    "hours.profile_not_found": ("没有这个时段方案。", "There is no such profile."),
    "hours.override_end": ("请给出未来的结束时间，最长 {hours} 小时。", "Give an end in the future, within {hours} hours."),
    "sound.not_found": ("没有找到这段录音。", "There is no such announcement."),
    "sound.unreadable": ("这不是可以播放的声音文件。请用 WAV、OGG、FLAC 或 MP3。", "This is no sound file that can be played. Use WAV, Ogg, FLAC or MP3."),
    "sound.silent": ("录音里没有声音。请检查麦克风后重录。", "Nothing can be heard in it. Check the microphone and record again."),
    "sound.clipped": ("录音音量过大，已经失真。请离麦克风远一些或调低音量后重录。", "It was recorded too loud and is distorted. Move away from the microphone or turn it down, and record again."),
    "policy.fixed": ("安装设置里关闭了这一项，请先由运维更改安装设置。", "The installation has this switched off. Have its settings changed first."),
    "prompt.not_found": ("没有这条语音提示。", "There is no such prompt."),
    "prompt.version_not_found": ("这条语音提示没有这个版本。", "This prompt has no such version."),
    "sound.length": ("录音长度应在 {least} 至 {most} 秒之间。", "An announcement lasts from {least} to {most} seconds."),
    "tuning.not_found": ("没有找到这一项。", "There is no such thing to tune."),
    "tuning.meanwhile": ("{by} 在您打开后改过这一项，您的修改没有保存。请载入新的设置，看过再改。", "{by} has changed this since you opened it, and nothing of yours was saved. Load the new values, then change."),
    "tuning.needed": ("还有设置用到它：{by}。请先改这些设置。", "It is still needed by: {by}. Change these first."),
    "tuning.unconfirmed": ("请先看清这次修改的影响，再确认。", "Read what this change would do, then confirm it."),
    "pbx.not_in_force": ("电话系统没有按新的设置运行，已恢复原来的设置。", "The PBX does not do as asked; the former values were put back."),
    "queue.no_seats": ("改后队列 {queue} 没有能接听的受理员，来电会无人接听。", "Nobody would answer queue {queue} then: its callers would reach nobody."),
    "queue.cut_waiting": ("队列 {queue} 现在有 {waiting} 人等待，超过新的上限 {most}：在等的人不会被挂断，新的来电会听到“已满”。", "{waiting} people wait in queue {queue} now, more than the new limit of {most}: they stay, new callers are told that it is full."),
    "queue.over_trunk": ("座席数加排队上限共 {wanted} 路，超过中继的 {lines} 路：排队未满时，来电就可能打不进来。", "Seats and places in the queues are {wanted} calls together, more than the {lines} lines of the trunk: callers would be turned away by the carrier before the queue is full."),
    "queue.waiting_closed": ("队列 {queue} 里还有 {waiting} 人等待。", "{waiting} people still wait in queue {queue}."),
    "number.closed": ("拨打 {number} 的来电会听到“不能拨打”，不再接入。", "Whoever dials {number} is told that it may not be dialled, and reaches nobody."),
    "plan.nobody": ("有的时段计划座席为 0：{profiles}。", "Hours with no seat at all are planned: {profiles}."),
    "plan.over_seats": ("计划 {planned} 席，可用的座席只有 {seats} 个。", "{planned} seats are planned, with {seats} workplaces for them."),
    "incident.area_unknown": ("号码归属地中没有这个地区（只到市）。", "No numbers are registered under this place (cities and provinces are known)."),
    "incident.not_found": ("没有找到这个群体事件。", "There is no such incident."),
    "incident.ended": ("这个群体事件已经结束。", "This incident has ended already."),
    "incident.nobody": ("没有还要通知的号码：没有人登记，或都已听过这段通知。", "Nobody is left to be told: nobody was added whose number is known, or all have heard this."),
    "incident.no_line": (
        "没有可用于外拨通知的线路：每条中继最多只用一半线路，而现有中继都只有一路。请在“电话与中继”页调高通道数或增加中继。",
        "No trunk can carry these calls: at most half of a trunk's lines are used, and each has one. Raise a channel limit or add a trunk on the page “Telephony”.",
    ),
    "incident.telling": ("正在通知这个群体事件的来电人，请等通知完成或先停止。", "Its callers are being told already: wait until that is done, or stop it first."),
    "incident.not_telling": ("现在没有正在进行的通知。", "Nobody is being told anything just now."),
    "seat.not_found": ("没有这个分机，或已停用。", "There is no such extension, or it is out of service."),
    "seat.taken": ("分机 {seat} 已经在用。", "Extension {seat} is in service already."),
    "seat.occupied": ("有人正在座席 {seat} 签入，请先签出。", "Somebody is signed in at seat {seat}: sign them out first."),
    "trunk.not_found": ("没有这条中继。", "There is no such trunk."),
    "trunk.none_free": ("所有中继都不可用或已占满。", "Every trunk is out of service or full."),
    "trunk.test_failed": ("测试电话没有接通。", "The test call was not answered."),
    "trunk.unreachable": ("联系不上运营商的设备，电话没有发出。", "The carrier's equipment cannot be reached; no call was sent."),
    "trunk.no_ring": ("运营商既没有振铃也没有拒绝。", "The carrier neither rang nor refused."),
    "trunk.limit_below": ("中继 {trunk} 现在有 {calls} 路通话，超过新的并发上限 {most}：这些通话不会被挂断，降到上限以下之前不再呼出。", "Trunk {trunk} carries {calls} calls now, more than its new limit of {most}: they go on, and no new ones go out through it until fewer are left."),
    "trunk.carries": ("中继 {trunk} 现在有 {calls} 路通话：这些通话不会被挂断，之后不再从这条中继呼出。", "Trunk {trunk} carries {calls} calls now: they go on, and no new ones go out through it."),
    "trunk.none_active": ("除了 {trunk} 没有其他可以呼出的中继：之后所有电话都打不出去。", "No trunk beside {trunk} lets calls out: nobody can be called any more."),
    "telephony.not_taken": ("交换机没有接受这份配置。", "The switch did not take this configuration."),
    "class.not_found": ("没有这个呼叫权限等级。", "There is no such class of service."),
    "class.in_use": ("还有分机使用这个呼叫权限等级。", "Extensions still have this class of service."),
    "danger.not_found": ("没有找到这起危险来电。", "There is no such danger call."),
    "danger.ended": ("这起危险来电已经结束。", "This danger call is over."),
    "danger.not_yours": ("这起危险来电不是您报告的。", "Another agent raised this danger call."),
    "flag.reviewer": ("请指定一位在岗的主任复核（不能是本人）。", "Name an active supervisor as reviewer, and not yourself."),
    "flag.expiry": ("失效时间应在未来，且不超过 {days} 天。", "A flag must end in the future, within {days} days."),
    "target.busy": ("这个座席现在不空闲。", "This seat is not free."),
    "queue.empty": ("这个队列没有人签入。", "Nobody is signed in to this queue."),
    "number.invalid": ("这不是电话号码。", "This is not a telephone number."),
    "number.not_allowed": ("不允许从这里拨打这个号码。", "This number may not be called from here."),
    "number.daily_cap": ("今天的外呼次数已达上限（{cap} 次）。", "You have called out as often as one may in a day ({cap})."),
    # recordings
    "recording.not_found": ("没有找到这条录音。", "There is no such recording."),
    "recording.not_yours": ("这是其他受理员的录音。", "This is another agent's recording."),
    "recording.missing": ("这通来电没有录音文件。", "There is no audio for this call."),
    "recording.bad_range": ("请求的范围超出录音长度。", "The requested range is outside the recording."),
    "recording.error": ("录音处理出错。", "Keeping the recording failed."),
    "recording.store_away": ("录音存储暂时不可用，请稍后再试。", "The store of recordings is away. Please try again."),
    "recording.store_mismatch": ("录音存储返回的内容不一致。", "The store of recordings gave back something else."),
    "recording.work_full": ("录音转码空间不足。", "There is no room to encode the recording."),
    "recording.encoder_failed": ("录音转码失败。", "The recording could not be encoded."),
    "recording.spool_taken": ("录音目录已由另一个进程处理。", "Another process works on the recordings' spool."),
    "recording.bad_store": ("录音存储地址不正确。", "The address of the recordings' store cannot be used."),
    "recording.gone": ("录音文件不在存储中，已经记录。", "The audio is not in the store. This has been recorded."),
    "recording.export_failed": ("导出录音失败。", "The copy of the recording could not be made."),
    # scores, appeals, the training shelf
    "score.bad_form": ("评分表不能这样保存：每题编号不能重复；也可能别人刚保存了新版本。", "The form cannot be kept like this: no two questions of one key; or somebody has just made its next version."),
    "score.form_not_found": ("评分表不存在或已有新版本，请刷新。", "There is no such form, or it has a newer version. Please load it again."),
    "score.bad_answers": ("有题目没有按评分表打分。", "A question is not answered as the form asks."),
    "score.no_agent": ("这条录音里没有可以评分的受理员。", "There is no such agent in this recording to be scored."),
    "score.own": ("不能给自己的录音评分。", "Nobody scores their own recording."),
    "score.taken": ("这条录音已经评分；评分不能修改，只有申诉后可由他人再评。", "This recording has its score. Scores are not changed: only an appeal leads to another one."),
    "score.not_found": ("没有找到这个评分。", "There is no such score."),
    "score.not_yours": ("只有被评分的受理员本人可以申诉。", "Only the agent who was scored may appeal."),
    "appeal.taken": ("这个评分已经申诉过。", "There is an appeal against this score already."),
    "appeal.not_found": ("没有找到这个申诉。", "There is no such appeal."),
    "appeal.answered": ("这个申诉已经有人复评。", "This appeal has been answered."),
    "appeal.same_scorer": ("申诉须由没有评过这条录音的人复评。", "An appeal is answered by somebody who has not scored this recording."),
    "shelf.not_found": ("学习架上没有这条录音。", "This is not on the training shelf."),
    "shelf.taken": ("这条录音已经在学习架上。", "This recording stands on the training shelf already."),
    "shelf.refused": ("保密工单的录音或没有音频的录音不能放上学习架。", "A confidential case's recording, or one without audio, cannot stand on the training shelf."),
    # the journal
    "journal.bad_line": ("话务日志中有无法识别的行。", "A line of the telephone journal could not be read."),
    "journal.row_refused": ("数据库拒绝了一条话务记录。", "The database refused a row of the telephone record."),
    "journal.position_moved": ("另一个进程正在读取话务日志。", "Another process reads the telephone journal."),
    # accounts
    "account.not_found": ("没有这个账号。", "There is no such account."),
    "account.login_taken": ("这个登录名已被使用，请另选一个。", "This login is taken. Please choose another one."),
    "account.number_taken": ("这个工号属于或曾属于另一位员工，历史记录以工号认人，请另选一个。", "This agent number is or was another person's, and the record names people by it. Please choose another one."),
    "account.number_needed": ("受理员需要工号和座席才能接听来电，请填写。", "Who answers calls needs an agent number and a seat. Please fill them in."),
    "account.number_not_for_role": ("这个角色没有话机，也不分管队列，请清空工号、座席和队列。", "This role has no telephone and supervises no queue: leave agent number, seat and queues empty."),
    "account.seat_unknown": ("没有这个座席。", "There is no such seat."),
    "account.own": ("不能停用自己的账号或更改自己的角色，请由另一位管理员操作。", "Nobody locks or changes the role of their own account. Ask another administrator."),
    "account.signed_in": ("这位员工正在队列中，请先让其签退，再更改角色、工号或座席。", "This person is signed in to the queue. Sign them out before changing role, agent number or seat."),
    "account.refused": ("账号无法这样建立或修改。", "The account cannot be made or changed like this."),
    # cases
    "draft.stale": ("另一个页面已经保存了更新的内容。", "A newer copy was saved from another page."),
    "draft.not_yours": ("这是其他受理员的草稿。", "This is another agent's draft."),
    "draft.not_found": ("没有找到这份草稿。", "There is no such draft."),
    "draft.submitted": ("这份草稿已经提交为工单 {number}。", "This draft was submitted as case {number}."),
    "case.not_found": ("没有找到这个工单。", "There is no such case."),
    "case.confidential": ("这是保密工单，您无权查看。", "This case is confidential; you may not read it."),
    "case.incomplete": ("工单还有内容需要更正。", "The case needs some corrections."),
    # the PBX
    "pbx.unavailable": ("电话系统暂时不可用。", "The telephone system is away for the moment."),
    "pbx.error": ("电话系统出错。", "The telephone system failed."),
    "pbx.bad_settings": ("电话系统的设置不正确。", "A setting of the telephone system is not right."),
    "pbx.install_failed": ("电话系统安装失败。", "The telephone system could not be installed."),
    "pbx.prompts_failed": ("语音提示制作失败。", "The spoken prompts could not be made."),
    "pbx.port_taken": ("电话系统需要的端口已被占用。", "A port that the telephone system needs is taken."),
    "pbx.start_failed": ("电话系统启动失败。", "The telephone system did not start."),
    "pbx.command_failed": ("电话系统没有执行命令。", "The telephone system did not carry out the command."),
    "pbx.refused": ("电话系统拒绝了这个操作。", "The telephone system said no."),
    "pbx.telephone_refused": ("话机注册被拒绝。", "The telephone's registration was refused."),
    "cti.taken": ("另一个进程已在监控这台电话系统。", "Another process watches this telephone system already."),
    "ami.not_loopback": ("电话系统的管理口不在本机回环地址上。", "The telephone system's manager port is not on loopback."),
    "ami.too_mighty": ("电话系统的管理账号权限过大。", "The manager user of the telephone system may do too much."),
    "ami.too_weak": ("电话系统的管理账号权限不足。", "The manager user of the telephone system may do too little."),
    "ami.not_booted": ("电话系统尚未启动完毕。", "The telephone system has not finished starting."),
    "ami.refused": ("电话系统拒绝了登录。", "The telephone system refused the login."),
    "ami.bad_header": ("操作含有不允许的字符。", "The command contains characters that are not allowed."),
    "ami.action_refused": ("电话系统拒绝了这个操作。", "The telephone system refused the action."),
    "ami.unreachable": ("无法连接电话系统。", "The telephone system cannot be reached."),
    "ami.timeout": ("电话系统没有回答，操作结果未知。", "The telephone system did not answer; what became of it is unknown."),
    "ami.lost": ("与电话系统的连接中断，操作结果未知。", "The link to the telephone system broke; what became of it is unknown."),
}  # fmt: skip

FIELD_SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("请填写。", "Please fill this in."),
    "extra_forbidden": ("没有这个字段。", "There is no such field."),
    "string_too_short": ("请填写。", "Please fill this in."),
    "string_too_long": ("最多 {max_length} 个字。", "At most {max_length} characters."),
    "password_too_short": ("密码至少 {shortest} 个字符。", "A password has at least {shortest} characters."),
    "password_wrong": ("现在的密码不正确。", "This is not your present password."),
    "string_type": ("应为文字。", "This must be text."),
    "string_pattern_mismatch": ("格式不正确。", "The format is not right."),
    "control_character": ("不能包含换行或控制字符。", "Line breaks and control characters are not allowed."),
    "string_unicode": ("含有无法显示的字符。", "It contains characters that cannot be shown."),
    "enum": ("不是可选的值。", "Not one of the possible values."),
    "literal_error": ("不是可选的值。", "Not one of the possible values."),
    "union_tag_invalid": ("没有这种操作。", "There is no such kind."),
    "union_tag_not_found": ("请说明是哪种操作。", "The kind is missing."),
    "uuid_parsing": ("编号格式不正确。", "This is not an id."),
    "uuid_type": ("编号格式不正确。", "This is not an id."),
    "int_parsing": ("应为整数。", "This must be a whole number."),
    "int_type": ("应为整数。", "This must be a whole number."),
    "bool_parsing": ("应为是或否。", "This must be yes or no."),
    "bool_type": ("应为是或否。", "This must be yes or no."),
    "date_from_datetime_parsing": ("日期格式应为 YYYY-MM-DD。", "The date must look like YYYY-MM-DD."),
    "date_parsing": ("日期格式应为 YYYY-MM-DD。", "The date must look like YYYY-MM-DD."),
    "json_invalid": ("不是有效的 JSON。", "This is not valid JSON."),
    "telephony.seat": ("分机号应为 8 开头的四位数字。", "An extension is a number of four digits that begins with 8."),
    "telephony.name": ("名称应为小写字母和数字，字母开头，不超过 16 位，且不是 main。", "A name has small letters and digits, begins with a letter, has at most 16, and is not main."),
    "telephony.host": ("请填写运营商的 IPv4 地址，可带端口，如 10.20.30.40:5060。", "Give the carrier's IPv4 address, with a port if need be: 10.20.30.40:5060."),
    "telephony.addresses": ("应为 IPv4 地址或不大于 /24 的网段，且不与其他中继重叠。", "IPv4 addresses, or networks no larger than /24, that no other trunk has."),
    "telephony.username": ("注册需要用户名和密码：用户名为字母、数字或 + _ . -。", "Registering needs a user name and a password; the name has letters, digits or + _ . -"),
    "telephony.secret": ("密码为 1 至 64 个可见字符，不能有空格、分号、方括号。", "A password has 1 to 64 visible characters: no blanks, semicolons or square brackets."),
    "telephony.codecs": ("请选择至少一种编码，每种一次。", "Choose at least one codec, each once."),
    "unknown_code": ("没有这个代码。", "There is no such code."),
    "queue_name": ("队列名用小写字母、数字、“-”和“_”，以字母开头；general、lx 等保留。", "A queue's name has lower-case letters, digits, - and _, a letter first; general, lx and lx-plain are taken."),
    "number_on_duty": (
        "这个号码是某个时段的值班电话，不能同时是热线号码。请先在“时段”页更换值班电话。",
        "This number is the telephone on duty of some hours and cannot be the hotline's. Change it on the page of hours first.",
    ),
    "number_digits": ("号码为 3 到 15 位数字。", "A number has 3 to 15 digits."),
    "follow_up_missing": ("请选择要跟进的工单。", "Please choose the case that this follows up."),
    "not_followed_up": ("只有跟进件才能关联原工单。", "Only a follow-up names another case."),
}  # fmt: skip
_ANY_FIELD = ("填写不正确。", "This is not right.")


def _in(locale: str, pair: tuple[str, str]) -> str:
    return pair[1] if locale == "en" else pair[0]


def _fill(text: str, fields: dict[str, object]) -> str:
    try:
        return text.format_map(fields)
    except (KeyError, IndexError):
        return text.split("{", 1)[0].rstrip()


def sentence(code: str, locale: str, fields: dict[str, object], family: str = "refused") -> str:
    """The sentence of an error code; that of its family where the code has none."""
    return _fill(_in(locale, SENTENCES.get(code) or SENTENCES[family]), fields)


def field_sentence(code: str, locale: str, fields: dict[str, object]) -> str:
    """The sentence of a field's problem (pydantic's error type or a code of ours)."""
    return _fill(_in(locale, FIELD_SENTENCES.get(code, _ANY_FIELD)), fields)


def locale_of(accept_language: str, default: str) -> str:
    """The first language of an Accept-Language header that we speak."""
    for part in accept_language.split(","):
        tag = part.split(";", 1)[0].strip().lower()
        if tag.startswith("zh"):
            return "zh-CN"
        if tag.startswith("en"):
            return "en"
    return default
