__all__ = []
raise RuntimeError('nothing of this file is needed')
