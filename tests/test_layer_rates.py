"""Learning rates by layer."""

import pytest
import torch
from transformers import AutoModel, BertConfig, ConvBertConfig, DistilBertConfig, ModernBertConfig

from conflictner.training.layer_rates import layer_depths, lower_rates

SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
CONFIGS = {
    "bert": BertConfig(vocab_size=30, **SMALL),
    "convbert": ConvBertConfig(vocab_size=30, embedding_size=8, **SMALL),
    "distilbert": DistilBertConfig(vocab_size=30, dim=16, n_layers=2, n_heads=2, hidden_dim=16),
    "modernbert": ModernBertConfig(
        vocab_size=30, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2, **SMALL
    ),
}


@pytest.fixture(params=CONFIGS)
def encoder(request):
    return AutoModel.from_config(CONFIGS[request.param])


def test_the_depth_of_each_parameter(encoder):
    depths = layer_depths(encoder)
    for name, parameter in encoder.named_parameters():
        if "embeddings" in name:
            assert depths[parameter] == 0, name
        elif "pooler" in name or "final_norm" in name:
            assert parameter not in depths, name
        else:
            assert depths[parameter] == (1 if ".0." in f".{name}" else 2), name


def test_a_layer_moves_at_a_share_of_the_rate_of_the_one_above_it(encoder):
    head = torch.nn.Linear(16, 3)
    groups = [
        {"params": [*encoder.parameters(), head.weight], "weight_decay": 0.1},
        {"params": [head.bias], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.8)
    depths = layer_depths(encoder)
    lower_rates(optimizer, depths, 0.5)
    found = {p: group for group in optimizer.param_groups for p in group["params"]}
    assert set(found) == {*encoder.parameters(), *head.parameters()}
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(found)
    for parameter, group in found.items():
        assert group["lr"] == pytest.approx({0: 0.1, 1: 0.2, 2: 0.4}.get(depths.get(parameter), 0.8))
        assert group["weight_decay"] == (0.0 if parameter is head.bias else 0.1)
    optimizer.zero_grad()
    torch.stack([p.sum() for p in found]).sum().backward()
    optimizer.step()


def test_one_rate_for_all_leaves_the_groups_as_they_are(encoder):
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=0.8)
    before = list(optimizer.param_groups)
    lower_rates(optimizer, layer_depths(encoder), 1.0)
    assert optimizer.param_groups == before


def test_an_encoder_without_layers_has_embeddings_alone():
    encoder = torch.nn.Embedding(5, 4)
    assert layer_depths(encoder) == {encoder.weight: 0}
