"""The event stage: the event head learns from annotated passages while the encoder stays as it is."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from ...model.network import IGNORED, TaggerNetwork
from ..parts import Parts
from ..passages import Collator, make_dataset
from ..sampler import LengthSampler
from .sections import EventStageSection

__all__ = ["train_event_head"]

_READ_AT_ONCE = 64  # windows


class _Passage(NamedTuple):
    """A window as the event head sees it.

    Attributes:
        states: Token states, half precision, ``[length, hidden]``.
        events: 0 or 1 for each event type, ``IGNORED`` where that is not known.
    """

    states: Tensor
    events: Tensor


def train_event_head(section: EventStageSection, parts: Parts, seed: int) -> None:
    """Train the event head of ``parts.network`` in place.

    The token states of all passages are computed once and held in memory, in half precision: about 30
    kilobytes for a passage of 50 pieces and a width of 320.

    Args:
        section: The recipe's section.
        parts: The network and the annotated documents.
        seed: Of the order of the passages.
    """
    network = parts.network
    head = network.event_head
    assert head is not None  # the caller has looked
    device = next(network.parameters()).device
    passages = _read(network, parts, device)
    lengths = [len(passage.states) for passage in passages]
    sampler = LengthSampler(lengths, section.batch_size, seed)
    optimizer = torch.optim.AdamW(head.parameters(), lr=section.learning_rate, weight_decay=0.01)
    updates = section.epochs * -(-len(passages) // section.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: 1 - done / updates)
    for epoch in range(section.epochs):
        sampler.set_epoch(epoch)
        order = list(sampler)
        for start in range(0, len(order), section.batch_size):
            batch = [passages[index] for index in order[start : start + section.batch_size]]
            states = torch.nn.utils.rnn.pad_sequence([p.states.float() for p in batch], batch_first=True)
            mask = torch.nn.utils.rnn.pad_sequence(
                [torch.ones(len(p.states), dtype=torch.long) for p in batch], batch_first=True
            )
            gold = torch.stack([p.events for p in batch]).to(device)
            known = (gold != IGNORED).float()
            logits = head(states.to(device), mask.to(device)).float()
            loss = F.binary_cross_entropy_with_logits(logits, gold.clamp(min=0), weight=known)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def _read(network: TaggerNetwork, parts: Parts, device: torch.device) -> list[_Passage]:
    """Return the token states of all windows, in the order of the documents."""
    rows = make_dataset(parts.lessons, parts.encoder, parts.scheme).rows
    collate = Collator(parts.pad_id, parts.mask_id)
    order = sorted(range(len(rows)), key=lambda index: rows[index]["length"])
    found: dict[int, _Passage] = {}
    training = network.training
    network.eval()
    with torch.no_grad():
        for start in range(0, len(order), _READ_AT_ONCE):
            chosen = order[start : start + _READ_AT_ONCE]
            batch = collate([rows[index] for index in chosen])
            states = network.tagger(
                input_ids=batch["input_ids"].to(device),
                attention_mask=batch["attention_mask"].to(device),
                output_hidden_states=True,
            ).hidden_states[-1]
            for row, index in enumerate(chosen):
                length = int(batch["attention_mask"][row].sum())
                found[index] = _Passage(states[row, :length].half().cpu(), batch["events"][row])
    network.train(training)
    return [found[index] for index in range(len(rows))]
