"""The words that lead to the wallet, in English, French, Kinyarwanda and Swahili."""

from __future__ import annotations

WALLET = (
    *("wallet", "my wallet", "token", "balance", "my balance", "momo", "pay"),
    *("portefeuille", "mon portefeuille", "jeton", "solde", "mon solde", "payer"),
    *("ikofi", "ikofi yanjye", "konti yanjye", "amafaranga", "kwishyura"),
    *("pochi", "pochi yangu", "salio", "salio langu", "lipa"),
)
SEND = (
    *("transfer", "send token", "send tokens", "send money"),
    *("transférer", "transfert", "envoyer des jetons", "envoyer de l'argent"),
    *("ohereza amafaranga", "kohereza amafaranga", "ohereza jeto"),
    *("tuma pesa", "tuma tokeni", "kutuma pesa"),
)
TOP_UP = (
    *("top up", "top-up", "deposit", "buy token", "buy tokens"),
    *("recharger", "dépôt", "acheter des jetons"),
    *("gura jeto", "kubitsa", "ongeramo amafaranga"),
    *("ongeza salio", "weka pesa", "nunua tokeni"),
)
CASH_OUT = (
    *("cash out", "cashout", "withdraw", "withdrawal"),
    *("retrait", "retirer", "retirer de l'argent"),
    *("kubikuza", "bikuza"),
    *("toa pesa", "kutoa pesa"),
)
EARN = (
    *("earn", "earn tokens", "reward", "rewards"),
    *("gagner", "gagner des jetons", "récompense"),
    *("kunguka", "ibihembo"),
    *("pata tokeni", "zawadi"),
)
REDEEM = (
    *("redeem", "airtime"),
    *("échanger", "échanger des jetons", "crédit téléphonique"),
    *("guhinduza", "ama unite"),
    *("komboa", "muda wa maongezi"),
)
INVITE = (
    *("referral", "refer", "invite", "invite friends", "my code"),
    *("parrainage", "parrainer", "inviter", "mon code"),
    *("tumira", "gutumira", "kode yanjye"),
    *("alika", "mwalike rafiki", "msimbo wangu"),
)
TRANSACTIONS = (
    *("transaction", "transactions", "my transactions", "statement"),
    *("historique", "mes transactions", "relevé"),
    *("ibikorwa bya konti", "amateka ya konti"),
    *("miamala", "miamala yangu"),
)
QR = (
    *("qr", "qr code", "momo qr"),
    *("code qr",),
    *("kode ya qr",),
    *("msimbo wa qr",),
)
BUSINESS = (
    *("business wallet", "vendor wallet", "merchant wallet"),
    *("portefeuille professionnel", "portefeuille commerçant"),
    *("ikofi y'ubucuruzi",),
    *("pochi ya biashara",),
)
