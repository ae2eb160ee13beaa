"""How things are put into words and figures on every page: text, money, intervals, chips, cost, confidence."""
