"""`boxoffice book`: a customer's whole session, from the queue to the receipt.

One module a step; `machine.py` leads from one to the next and back. Nothing of a session is
kept by it: started again, it asks the servers how things stand (`resuming.py`).
"""
