"""Fines: the law as dated data, decisions (beschikkingen, Wahv), letters, payments and the ledger."""
