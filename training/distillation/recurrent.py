"""The teacher's network: a recurrent tagger over word vectors, characters and shapes.

Two bidirectional LSTM layers as in Lample et al. (2016), "Neural architectures for named entity recognition",
with characters read by a convolution as in Ma and Hovy (2016), locked dropout, and a passage head for events.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .words import CHARACTERS, SHAPES

__all__ = ["RecurrentTagger", "WordBatch"]

_OWN, _CHARACTER, _SHAPE, _WIDTH = 48, 24, 12, 320  # widths of the parts of the input, and of their mixture
_FILTERS = {3: 48, 5: 24}  # convolution over characters: width -> filters


class WordBatch(NamedTuple):
    """Words of several texts, padded; all of shape ``[batch, words]`` but the characters.

    Attributes:
        indices: Rows of the word vectors.
        own: Rows of the vectors that are learned from the training passages; 0 for words rare there.
        shapes: Shapes.
        characters: Shape ``[batch, words, WORD_LENGTH]``.
        mask: Where there is a word.
    """

    indices: Tensor
    own: Tensor
    shapes: Tensor
    characters: Tensor
    mask: Tensor


class RecurrentTagger(nn.Module):
    """Gives every word a distribution over fine tags, and the passage its event types.

    Args:
        matrix: Word vectors, ``[rows, size]``; they are not trained and not part of the state.
        own_words: Rows of the learned vectors.
        tags: Number of fine tags.
        events: Number of event types, may be 0.
        hidden: Width of a layer in each direction.
        layers: Number of layers.
        dropout: Probability, with one mask for all words of a text.
        word_dropout: Probability that a word's vector is hidden.
    """

    matrix: Tensor

    def __init__(
        self,
        matrix: Tensor,
        own_words: int,
        tags: int,
        events: int,
        *,
        hidden: int,
        layers: int,
        dropout: float,
        word_dropout: float,
    ) -> None:
        super().__init__()
        self.register_buffer("matrix", matrix, persistent=False)
        self.own = nn.Embedding(own_words, _OWN)
        nn.init.normal_(self.own.weight, std=0.1)
        self.character = nn.Embedding(CHARACTERS, _CHARACTER, padding_idx=0)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(_CHARACTER, filters, width, padding=width // 2) for width, filters in _FILTERS.items()
        )
        self.shape = nn.Embedding(SHAPES, _SHAPE)
        self.mix = nn.Linear(matrix.shape[1] + _OWN + sum(_FILTERS.values()) + _SHAPE, _WIDTH)
        self.dropout = _LockedDropout(dropout)
        self.word_dropout = word_dropout
        self.layers = nn.ModuleList(
            _Bidirectional(2 * hidden if layer else _WIDTH, hidden) for layer in range(layers)
        )
        self.tags = nn.Linear(2 * hidden + _WIDTH, tags)
        self.query = nn.Linear(2 * hidden, 1)
        self.event_dropout = nn.Dropout(0.3)
        self.events = nn.Linear(4 * hidden, events)

    def forward(self, batch: WordBatch) -> tuple[Tensor, Tensor]:
        """Return tag logits ``[batch, words, tags]`` and event logits ``[batch, events]``."""
        mixed = self.dropout(F.gelu(self.mix(torch.cat(self._inputs(batch), dim=2))))
        reverse = _reversal(batch.mask)
        states = mixed
        for number, layer in enumerate(self.layers):
            output = self.dropout(layer(states, reverse))
            states = output + states if number else output
        absent = ~batch.mask
        attention = self.query(states).squeeze(2).masked_fill(absent, -1e9).softmax(dim=1)
        attended = (attention.unsqueeze(2) * states).sum(dim=1)
        largest = states.masked_fill(absent.unsqueeze(2), -1e4).amax(dim=1)
        passage = self.event_dropout(torch.cat([attended, largest], dim=1))
        return self.tags(torch.cat([states, mixed], dim=2)), self.events(passage)

    def _inputs(self, batch: WordBatch) -> list[Tensor]:
        """Return the parts of the input, each ``[batch, words, width]``."""
        vectors, own = self.matrix[batch.indices], self.own(batch.own)
        if self.training and self.word_dropout:
            shape = (*batch.indices.shape, 1)
            vectors = vectors * (torch.rand(shape) > self.word_dropout)
            own = own * (torch.rand(shape) > 2 * self.word_dropout)
        return [vectors, own, self._characters(batch.characters), self.shape(batch.shapes)]

    def _characters(self, characters: Tensor) -> Tensor:
        """Read every distinct word once."""
        distinct, place = torch.unique(characters.flatten(0, 1), dim=0, return_inverse=True)
        embedded = self.character(distinct).transpose(1, 2)
        read = torch.cat([F.relu(layer(embedded)).amax(dim=2) for layer in self.convolutions], dim=1)
        words: Tensor = read[place].unflatten(0, characters.shape[:2])
        return words


class _Bidirectional(nn.Module):
    """An LSTM in each direction, over padded texts as over each alone.

    torch's own bidirectional layer needs packed sequences for that, which take five times as long on a CPU.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.forth = nn.LSTM(width, hidden, batch_first=True)
        self.back = nn.LSTM(width, hidden, batch_first=True)

    def forward(self, states: Tensor, reverse: Tensor) -> Tensor:
        """Read ``[batch, words, width]`` in both directions: ``[batch, words, 2 * hidden]``."""
        back = _reorder(self.back(_reorder(states, reverse))[0], reverse)
        return torch.cat([self.forth(states)[0], back], dim=2)


def _reversal(mask: Tensor) -> Tensor:
    """Return the order that reverses each text and leaves the padding behind it, ``[batch, words]``."""
    places = torch.arange(mask.shape[1]).expand(mask.shape)
    return torch.where(mask, mask.sum(dim=1, keepdim=True) - 1 - places, places)


def _reorder(states: Tensor, order: Tensor) -> Tensor:
    """Put the words of ``[batch, words, width]`` into another order."""
    return states.gather(1, order.unsqueeze(2).expand_as(states))


class _LockedDropout(nn.Module):
    """Drops the same features at all words of a text (Gal and Ghahramani 2016)."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, states: Tensor) -> Tensor:
        """Drop features of ``[batch, words, width]``."""
        if not self.training or not self.probability:
            return states
        keep = 1 - self.probability
        mask = states.new_empty((states.shape[0], 1, states.shape[2])).bernoulli_(keep) / keep
        return states * mask
