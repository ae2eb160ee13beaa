"""How it is stored in which order the two candidates of a preference were shown, to people and models alike."""

AS_GIVEN, TURNED = "0,1", "1,0"
"""Their places in the item, in the order shown."""

ORDERS = (AS_GIVEN, TURNED)
