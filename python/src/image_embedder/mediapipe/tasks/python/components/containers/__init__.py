"""Results and rectangles."""

from . import embedding_result, rect
from .embedding_result import Embedding, EmbeddingResult
from .rect import Rect, RectF

__all__ = ["Embedding", "EmbeddingResult", "Rect", "RectF", "embedding_result", "rect"]
