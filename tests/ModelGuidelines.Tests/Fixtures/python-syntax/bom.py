name = "é😀" ; b = 1
été = b
