class _LazyModule:
    def __init__(self, name, file, structure):
        self.structure = structure
