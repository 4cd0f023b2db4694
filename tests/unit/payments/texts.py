"""SMS as MTN Rwanda sends them, with made-up people and numbers."""

# ruff: noqa: E501 - texts as they come, in one piece

from __future__ import annotations

CAME_IN = (
    "You have received {amount} RWF from {name} ({number}) on your mobile money account at {at}. "
    "Message from sender: {message}. Your new balance:{balance} RWF. Financial Transaction Id: {id}."
)


def came_in(**changes: str) -> str:
    """Money from a person."""
    values = {
        "amount": "5000",
        "name": "Aline UWASE",
        "number": "*********013",
        "at": "2026-11-21 14:05:09",
        "message": " ",
        "balance": "12000",
        "id": "76662021700",
    }
    return CAME_IN.format(**values | changes)


INSTEAD = [
    (
        "outgoing",
        "TxId: 73214484437. Your payment of 1,000 RWF to Jean Bosco 12845 has been completed at 2026-11-20 "
        "16:31:46. Your new balance: 1,000 RWF. Fee was 0 RWF.Kanda*182*16# wiyandikishe muri poromosiyo.",
    ),
    (
        "outgoing",
        "*165*S*10000 RWF transferred to Aline Uwase (250791666666) from 36521838 at 2026-11-20 20:34:47 . "
        "Fee was: 100 RWF. New balance: 28300 RWF. Kugura ama inite cg interineti kuri MoMo, Kanda *182*2*1# .*EN#",
    ),
    (
        "deposit",
        "*113*R*A bank deposit of 40000 RWF has been added to your mobile money account at 2026-11-20 18:43:49. "
        "Your NEW BALANCE :40400 RWF. Cash Deposit::CASH::::0::250795963036.Thank you for using MTN MobileMoney.*EN#",
    ),
    (
        "outgoing",
        "*162*TxId:13913173274*S*Your payment of 2000 RWF to Airtime with token  has been completed at 2026-11-20 "
        "11:41:28. Fee was 0 RWF. Your new balance: 25280 RWF . Message: - -. *EN#",
    ),
    (
        "outgoing",
        "*162*TxId:14098463509*S*Your payment of 4000 RWF to MTN Cash Power with token 12-34-56 has been completed",
    ),
    (
        "debit",
        "*164*S*Y'ello,A transaction of 3000 RWF by DIRECT PAYMENT LTD on your MOMO account was successfully "
        "completed at 2026-11-20 20:34:47. Message from debit receiver: . Your new balance:1000 RWF. Fee was 0 RWF. "
        "Financial Transaction Id: 17818959211. External Transaction Id: 6f9619ff-8b86-d011-b42d-00c04fc964ff.*EN#",
    ),
    ("failed", "*143*R*Your payment of 500 RWF to Somebody has failed at 2026-11-20 10:00:00."),
    ("one_time_password", "<#>Your MTN MoMo one-time password is 1234. Do not share it with anyone."),
    ("one_time_password", "Votre code de vérification est 1234."),
    ("reversal", "Your transaction 73214484437 of 1,000 RWF has been reversed. Your new balance: 2,000 RWF."),
    ("reversal", "Votre transaction de 1.000 RWF a été annulée."),
    (
        "withdrawal",
        "You Aline UWASE (*********036) have via agent: Agent Sophia (250790777777), withdrawn 20000 RWF from your "
        "mobile money account: 36521838 at 2026-11-20 02:10:39 and you can now collect your money in cash.",
    ),
    ("bundle", "Yello! Umaze kugura 500Rwf(1GB)/24Hours bundle. Congratulations."),
    ("other", "Yello, weekend nziza! Fata YOLO."),
]

TAILS = [
    "Kanda *182*16# wiyandikishe muri poromosiyo ya MoMo, ugire amahirwe yo gutsindira ibihembo.",
    " Kugura ama inite cg interineti kuri MoMo, Kanda *182*2*1# . *EN#",
    " Composez le *182*5# pour épargner avec MoKash. Merci d'utiliser MTN Mobile Money.",
    "*EN#",
]
