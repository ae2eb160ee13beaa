"""How things are put into words and figures on every page: text, money, intervals, tables, cost, confidence."""
