"""The network of pre-training: an encoder, and its language-modelling head where something is hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..recipe import RecipeError
from .batches import NOT_GUESSED
from .encoder import position_offset

__all__ = ["PretrainingNetwork", "keeps_borders"]

_SAME = 1e-4  # largest difference between states that are the same but for rounding

#: How each architecture's head turns states ``[..., hidden]`` into logits ``[..., vocabulary]``.
_HEADS: dict[str, Callable[[Any, Tensor], Tensor]] = {
    "bert": lambda model, states: model.cls(states),
    "roberta": lambda model, states: model.lm_head(states),
    "electra": lambda model, states: model.generator_lm_head(model.generator_predictions(states)),
    "convbert": lambda model, states: model.generator_lm_head(model.generator_predictions(states)),
    "modernbert": lambda model, states: model.decoder(model.head(states)),
}


class PretrainingNetwork(nn.Module):
    """A masked language model that reads packed paragraphs, and guesses only what is asked.

    Guessing a fifth of the pieces instead of all of them halves the work of a small network.

    Args:
        model: A masked language model of transformers.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        config = model.config
        self._head = _HEADS[config.model_type]
        self._offset = position_offset(model)
        self._is_additive = config._attn_implementation == "eager"
        self._window: int | None = None
        if "sliding_attention" in (getattr(config, "layer_types", None) or ()):
            self._window = config.sliding_window
        self._guess: Callable[[Tensor, Tensor, Tensor], Tensor] = self._loss

    def compile_parts(self) -> None:
        """Let torch compile the layers and the head, each by itself.

        Layers are alike, so that what is compiled for the first serves for the others; the network as a whole
        takes many times longer to compile and is hardly faster.
        """
        for module in self.model.base_model.modules():
            if isinstance(module, nn.ModuleList):
                for layer in module:
                    layer.compile(dynamic=False)
        self._guess = torch.compile(self._loss, dynamic=False)

    def forward(
        self, ids: Tensor, segments: Tensor, positions: Tensor, places: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Guess what is hidden.

        Args:
            ids: Vocabulary indices, ``[rows, length]``.
            segments: Paragraph of each piece, ``[rows, length]``; a piece sees those of its own alone.
            positions: Of each piece in its paragraph, ``[rows, length]``.
            places: Flat positions of the pieces to guess, ``[most]``.
            labels: What stood there, or ``NOT_GUESSED``, ``[most]``.

        Returns:
            The sum of the losses in nats, and the number of pieces guessed, both scalars.
        """
        states = self.states(ids, segments, positions)
        return self._guess(states, places, labels), (labels != NOT_GUESSED).sum()

    def _loss(self, states: Tensor, places: Tensor, labels: Tensor) -> Tensor:
        """Return the sum of the losses at ``places``, in nats."""
        logits = self._head(self.model, states.flatten(0, 1).index_select(0, places))
        return F.cross_entropy(logits.float(), labels, ignore_index=NOT_GUESSED, reduction="sum")

    def states(self, ids: Tensor, segments: Tensor, positions: Tensor) -> Tensor:
        """Return the encoder's last states, ``[rows, length, hidden]``."""
        seen = segments[:, None, :, None] == segments[:, None, None, :]
        mask: Any = self._mask(seen)
        if self._window is not None:
            steps = torch.arange(ids.shape[1], device=ids.device)
            near = (steps[:, None] - steps[None, :]).abs() <= self._window
            mask = {"full_attention": mask, "sliding_attention": self._mask(seen & near)}
        output = self.model.base_model(
            input_ids=ids, attention_mask=mask, position_ids=positions + self._offset
        )
        states: Tensor = output[0]
        return states

    def _mask(self, seen: Tensor) -> Tensor:
        """Return a mask ``[rows, 1, length, length]`` in the form that the attention takes."""
        if not self._is_additive:
            return seen
        return torch.zeros(seen.shape, device=seen.device).masked_fill(~seen, torch.finfo(torch.float32).min)


@torch.no_grad()
def keeps_borders(network: PretrainingNetwork, vocabulary: int) -> bool:
    """Tell whether a paragraph's states are the same in company as alone, by trying.

    Args:
        network: On the CPU.
        vocabulary: Number of pieces.

    Raises:
        RecipeError: when this version of transformers runs the architecture's parts in another way than is
            known here.
    """
    was_training = network.training
    network.eval()
    ids = (torch.arange(16) * 7919 % vocabulary)[None]
    segments = torch.tensor([[1] * 7 + [2] * 6 + [0] * 3])
    positions = torch.tensor([[*range(7), *range(6), 0, 0, 0]])
    together = network.states(ids, segments, positions)
    alone = [
        network.states(ids[:, part], torch.ones_like(ids[:, part]), positions[:, part])
        for part in (slice(0, 7), slice(7, 13))
    ]
    own = network._head(network.model, alone[0])
    first = {"input_ids": ids[:, :7], "position_ids": positions[:, :7] + network._offset}
    theirs = network.model(**first, attention_mask=torch.ones_like(ids[:, :7])).logits
    network.train(was_training)
    if not torch.allclose(own, theirs, atol=_SAME):
        raise RecipeError(
            f"encoder.type {network.model.config.model_type} works differently in this version of "
            "transformers than is known here; take another type, or another version"
        )
    return torch.allclose(together[:, :13], torch.cat(alone, dim=1), atol=_SAME)
