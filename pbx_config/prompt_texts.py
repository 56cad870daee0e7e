"""Every sentence the line speaks, in both languages, each exactly once.

``zh`` is written in characters and read through pinyin; ``en`` is read as it stands. Numbers are spoken by Asterisk's
own say.c, which wants ``digits/…`` (Mandarin: 0–10, tens, hundred, thousand, wan, yi).
"""

from __future__ import annotations

from typing import Final

from pbx_config import sounds

TEXTS: Final[dict[str, dict[str, str]]] = {
    sounds.NOTICE: {
        "zh": "您好，欢迎拨打一二三四五热线。为保证服务质量，您的通话将被录音。",
        "en": "Welcome to the citizen hotline. This call is recorded.",
    },
    sounds.FULL: {
        "zh": "对不起，现在来电的人很多，线路已满。请您稍后再拨。",
        "en": "We are sorry. All lines are taken at the moment. Please call again later.",
    },
    sounds.NO_AGENT: {
        "zh": "对不起，现在没有受理员在线。请您稍后再拨。",
        "en": "We are sorry. Nobody is at the desk at the moment. Please call again later.",
    },
    sounds.TIMEOUT: {
        "zh": "对不起，让您久等了，受理员仍在通话中。请您稍后再拨。",
        "en": "We are sorry that you had to wait so long. Everybody is still busy. Please call again later.",
    },
    sounds.NOT_ALLOWED: {
        "zh": "对不起，您不能拨打这个号码。",
        "en": "Sorry, this number may not be dialled from here.",
    },
    sounds.ALL_BUSY: {
        "zh": "受理员都在通话中，请您不要挂机。",
        "en": "Everybody at the desk is busy. Please stay on the line.",
    },
    sounds.NEXT: {
        "zh": "您是下一位，请稍候。",
        "en": "You are the next caller. Please wait.",
    },
    # Asterisk says the caller's own place between these two.
    sounds.AHEAD: {"zh": "您现在排在第", "en": "You are caller number"},
    sounds.WAITING: {"zh": "位，请稍候。", "en": "in the queue. Please wait."},
    sounds.NOTICE_CALLED: {
        "zh": "您好，这里是一二三四五热线。本次通话将被录音。",
        "en": "This is the citizen hotline. This call is recorded.",
    },
    sounds.SURVEY: {
        "zh": "请评价本次服务。满意请按一，一般请按二，不满意请按三。如需继续与受理员通话，请按零。",
        "en": "How was our service? Press 1 for satisfied, 2 for fair, 3 for not satisfied, "
        "0 to talk to the desk again.",
    },
    sounds.THANKS: {"zh": "谢谢您的评价，再见。", "en": "Thank you. Goodbye."},
    sounds.TRUNK_TEST: {
        "zh": "您好，这是市民热线的线路测试电话，不需要您做任何操作。谢谢，再见。",
        "en": "This is a test call of the citizen hotline's line. There is nothing to do. Thank you, goodbye.",
    },
    sounds.ABUSE_WARNING: {
        "zh": "您好，请您文明用语。如果继续使用不文明用语，本次通话将被结束。",
        "en": "Please speak respectfully. If the abusive language goes on, this call will be ended.",
    },
    sounds.ABUSE_END: {
        "zh": "由于多次使用不文明用语，本次通话到此结束。您的诉求已经记录。再见。",
        "en": "Because of repeated abusive language this call ends here. "
        "What you reported has been written down. Goodbye.",
    },
    sounds.FLAGGED: {
        "zh": "您好，请您文明用语，受理员将按顺序为您服务。",
        "en": "Please speak respectfully. The desk will answer you in turn.",
    },
    sounds.TO_DUTY: {
        "zh": "现在为您转接值班电话，通话仍将被录音，请稍候。",
        "en": "You are being connected with the telephone on duty. The call is still recorded. Please wait.",
    },
    sounds.INCIDENT_KEY: {
        "zh": "如果您反映的是同一件事，请按一登记。其他事项请稍候。",
        "en": "If you call about the same, press 1 to be added. For anything else please wait.",
    },
    sounds.INCIDENT_JOINED: {
        "zh": "已为您登记，有进展时将告知您。谢谢您的来电，再见。",
        "en": "You have been added and will be told how it goes on. Thank you for calling. Goodbye.",
    },
    sounds.BACK_OFFER: {
        "zh": "受理员都在通话中。您可以继续等候，也可以按一保留您的位置，由我们给您回电。",
        "en": "Everybody at the desk is busy. Please stay on the line, "
        "or press 1 to be called back and keep your place.",
    },
    sounds.BACK_NUMBER: {"zh": "我们将回拨您的来电号码：", "en": "We will call you back at the number"},
    sounds.BACK_CONFIRM: {
        "zh": "确认请按一。继续等候请按其他键。",
        "en": "Press 1 to confirm. Press any other key to go on waiting.",
    },
    sounds.BACK_KEPT: {
        "zh": "您的位置已为您保留，轮到您时我们会给您回电。请挂机，再见。",
        "en": "We keep your place and call you when it is your turn. You may hang up now. Goodbye.",
    },
    sounds.BACK_WITHHELD: {
        "zh": "您的电话没有显示号码，我们无法回电。您的位置不变，请继续等候。",
        "en": "Your number is not shown, so we cannot call you back. "
        "You have kept your place. Please stay on the line.",
    },
    sounds.BACK_STAYS: {
        "zh": "您的位置不变，请继续等候。",
        "en": "You have kept your place. Please stay on the line.",
    },
    sounds.BACK_INSTEAD: {
        "zh": "现在无法为您接通。我们可以给您回电，号码是：",
        "en": "We cannot put you through now. We can call you back at the number",
    },
    sounds.BACK_INSTEAD_CONFIRM: {"zh": "需要回电请按一。", "en": "To be called back, press 1."},
    sounds.VOICEMAIL_OFFER: {
        "zh": "如需留言，请按一。",
        "en": "To leave a message, press 1.",
    },
    sounds.VOICEMAIL_SPEAK: {
        "zh": "请现在留言，说完请挂机，或按任意键结束。",
        "en": "Please speak now. Hang up or press any key when you have finished.",
    },
    sounds.VOICEMAIL_KEPT: {
        "zh": "您的留言已经记录，我们会尽快处理。再见。",
        "en": "Your message is kept, and we will deal with it. Goodbye.",
    },
}

_ZH_DIGITS: Final = "零一二三四五六七八九十"
_EN_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_EN_TEENS: Final = (
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_EN_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def number_texts(language: str) -> dict[str, str]:
    """Sound name → text for everything say.c needs to say a whole number."""
    if language == "zh":
        words = {str(n): text for n, text in enumerate(_ZH_DIGITS)}
        words |= {str(n * 10): _ZH_DIGITS[n] + "十" for n in range(2, 10)}
        words |= {"hundred": "百", "thousand": "千", "wan": "万", "yi": "亿"}
    else:
        words = {str(n): text for n, text in enumerate(_EN_DIGITS + _EN_TEENS)}
        words |= {str(20 + 10 * n): text for n, text in enumerate(_EN_TENS)}
        words |= {"hundred": "hundred", "thousand": "thousand", "million": "million", "and": "and"}
    return {f"digits/{name}": text for name, text in words.items()}


def texts(language: str) -> dict[str, str]:
    """Sound name → text of everything spoken in ``language``."""
    return {name: both[language] for name, both in TEXTS.items()} | number_texts(language)
