def a():
	if x:
		return """one
two\
three"""

# cafe
class B: pass
