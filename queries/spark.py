"""x."""
class SparkMissingError(RuntimeError):
    """x."""
