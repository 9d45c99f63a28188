"""Small encoders in folders, as transformers writes them."""

from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

__all__ = ["NAMES", "write_encoder"]

#: What transformers calls the special pieces -> the pieces.
NAMES = {f"{part.strip('[]').lower()}_token": part for part in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")}


def write_encoder(folder, tokenizer, *, config=BertConfig, model=BertModel, special=NAMES, **changes):
    """Write an untrained encoder with its tokenizer; a change to ``None`` leaves a setting out."""
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    settings = {
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "max_position_embeddings": 32,
        **changes,
    }
    settings = {name: value for name, value in settings.items() if value is not None}
    model(config(**settings)).save_pretrained(folder)
    return folder
