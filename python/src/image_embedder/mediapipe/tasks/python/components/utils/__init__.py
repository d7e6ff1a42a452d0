"""What is done with results."""

from . import cosine_similarity

__all__ = ["cosine_similarity"]
