"""The wallet: the ledger of tokens and money, and whatever people do with theirs."""
