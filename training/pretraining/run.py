"""Run: a pre-training run with its text, tokenizer and network, from packing to the last save."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from ...data.text_files import TextFileSize
from ..disk import require_disk
from ..recipe import RecipeError
from .bar import Bar
from .batches import BatchMaker, held_out_batches
from .checks import check_run, require_room, resolve_device
from .corpus import Corpus
from .encoder import existing_config, load_model, new_config, new_model
from .folders import EncoderFolder
from .loop import Parts, Pretrainer
from .masking import Masker
from .network import PretrainingNetwork
from .optimizer import Optimizers
from .packing import SpecialIds
from .processes import Processes
from .saving import write_encoder
from .schedule import Schedule
from .sections import PretrainRecipe
from .sequences import Sequences, build_sequences, open_sequences
from .state import Progress, last_state, load_state, save_state
from .stream import Stream
from .tokenizer import backend, make_tokenizer, special_ids
from .vectors import make_vectors, read_vectors, start_embeddings

__all__ = ["PretrainingRun"]


class PretrainingRun:
    """A run with all that it needs: text, tokenizer, network.

    Args:
        recipe: The resolved recipe.
        folder: Its folders, begun.
        processes: That share the work.
        shown: Whether to show progress bars on stderr.
        say: Receives one line a stage.
        trains: Whether it is to train here, and needs the memory for that.

    Raises:
        ConflictnerError: for anything in the recipe or the text that cannot work.
    """

    def __init__(
        self,
        recipe: PretrainRecipe,
        folder: EncoderFolder,
        processes: Processes,
        shown: bool,
        say: Callable[[str], None],
        *,
        trains: bool,
    ) -> None:
        self._trains = trains
        self._recipe = recipe
        self._folder = folder
        self._processes = processes
        self._shown = shown and processes.is_first
        self._say = say
        seed = recipe.pretrain.seed
        self._corpus = Corpus(recipe.corpus, seed)
        self._train, self._held_out, sizes = self._prepare_text()
        self._stream = Stream(self._train.files, self._corpus.weights, seed)
        if not self._stream.epoch_rows:
            raise RecipeError("corpus.files: the weights are so low that no text is left; raise them")
        if not len(self._held_out.lengths):
            raise RecipeError("corpus.held_out_share leaves no pieces to measure on; raise it")
        if processes.is_first and sizes is not None:
            filled = float(self._train.lengths.mean()) / recipe.sequences.length
            say(
                f"{len(self._train.lengths):,} sequences of {recipe.sequences.length} pieces, {filled:.0%} "
                f"full, {self._stream.epoch_rows:,} an epoch; {len(self._held_out.lengths):,} held out"
            )
        self._model = self._make_model()

    def train(self) -> None:
        """Train, or go on from the last save, and finish the folder."""
        recipe, folder, processes = self._recipe, self._folder, self._processes
        section, seed = recipe.pretrain, recipe.pretrain.seed
        network = PretrainingNetwork(self._model).to(processes.device)
        optimizers = Optimizers(network, section)
        found = last_state(folder.state)
        progress = Progress() if found is None else load_state(found, network, optimizers)
        if found is not None:
            self._say(f"going on after {progress.tokens:,} pieces and {progress.seconds / 60:.1f} minutes")
        masker = Masker(recipe.masking, self._special, len(self._tokenizer))
        borders = recipe.sequences.borders == "attention"
        log = None
        if processes.is_first:
            log = SummaryWriter(str(folder.tensorboard), purge_step=progress.updates + 1)
        parts = Parts(
            section=section,
            network=network,
            optimizers=optimizers,
            batches=BatchMaker(self._train, self._stream, masker, self._special, borders=borders, seed=seed),
            held_out=partial(
                held_out_batches,
                self._held_out,
                masker,
                self._special,
                borders=borders,
                seed=recipe.corpus.held_out_seed,
                most=recipe.corpus.held_out_sequences,
                rows=section.batch_size,
                part=processes.index,
                parts=processes.count,
            ),
            schedule=Schedule.of(recipe.limits, section),
            processes=processes,
            dtype=resolve_device(recipe)[1],
        )
        save = partial(self._save, network, optimizers)
        try:
            Pretrainer(parts, progress, recipe.saving.minutes, save, log, self._shown).run()
        finally:
            if log is not None:
                log.close()
        if processes.is_first:
            self._write_encoder(progress, is_finished=True)
            folder.finish()
        processes.wait()

    def _prepare_text(self) -> tuple[Sequences, Sequences, list[TextFileSize] | None]:
        """Return the packed text, made now unless it is there; check all else before."""
        recipe, folder = self._recipe, self._folder
        corpus = folder.packed_documents() if self._corpus.is_away() else None
        if corpus is None:
            self._corpus.require_files()
            corpus = self._corpus.digest()
        if self._processes.is_first:
            folder.check_documents(corpus)
        found = None
        if folder.tokenizer.exists():
            found = open_sequences(folder.sequences, self._digest(corpus))
        findings = check_run(
            recipe,
            self._corpus,
            read_corpus=found is None,
            make_vectors=not folder.vectors.exists(),
            say=self._say,
        )
        if self._processes.is_first and self._trains:
            require_room(recipe, folder.output, findings)
        elif self._processes.is_first:
            require_disk(folder.output, findings.needs.disk)
        if found is None:
            self._say(findings.line())
        self._load_tokenizer(findings.sizes or ())
        if found is not None:
            return (*found, None)
        assert findings.sizes is not None  # the corpus was read
        digest = self._digest(corpus)
        total = sum(size.bytes for size in findings.sizes)
        with Bar("packing", total, self._shown) as bar:
            build_sequences(
                folder.sequences,
                digest,
                self._corpus,
                findings.sizes,
                backend(self._tokenizer),
                self._special,
                recipe.sequences,
                bar.advance,
            )
        made = open_sequences(folder.sequences, digest)
        assert made is not None  # with this digest
        return (*made, findings.sizes)

    def _load_tokenizer(self, sizes: Sequence[TextFileSize]) -> None:
        self._tokenizer: Any = make_tokenizer(
            self._recipe, self._corpus, sizes, self._folder.tokenizer, self._say
        )
        self._special: SpecialIds = special_ids(self._tokenizer)

    def _digest(self, corpus: str) -> str:
        """Return a sum over all that the packed text follows from."""
        section = self._recipe.sequences.model_dump()
        corpus_section = self._recipe.corpus
        settings = [section, corpus_section.held_out_share, corpus_section.held_out_seed]
        tokenizer = (self._folder.tokenizer / "tokenizer.json").read_bytes()
        sums = hashlib.sha256(tokenizer)
        sums.update(corpus.encode())
        sums.update(json.dumps(settings, sort_keys=True).encode())
        return sums.hexdigest()

    def _make_model(self) -> Any:
        """Build the network, with word vectors for embeddings if the recipe asks for them."""
        recipe = self._recipe
        if recipe.encoder.folder is not None:
            return load_model(recipe, existing_config(recipe))
        model = new_model(recipe, new_config(recipe, len(self._tokenizer), self._special))
        embeddings = model.get_input_embeddings().weight
        path = self._folder.vectors
        if recipe.vectors.method == "word2vec" and not path.exists():
            make_vectors(
                recipe.vectors,
                self._train,
                self._stream,
                self._special,
                tuple(embeddings.shape),
                recipe.pretrain.seed,
                path,
            )
        if recipe.vectors.method != "none":
            vectors = read_vectors(recipe.vectors.file or str(path), tuple(embeddings.shape))
            known = start_embeddings(embeddings, vectors, self._special)
            self._say(f"word vectors for {known:,} of {len(embeddings):,} pieces")
        return model

    def _save(self, network: PretrainingNetwork, optimizers: Optimizers, progress: Progress) -> None:
        """Save what is needed to go on, then the encoder."""
        if self._processes.is_first:
            save_state(self._folder.state, progress, network, optimizers)
            self._write_encoder(progress, is_finished=False)
            row = progress.history[-1]
            self._say(
                f"{row['minutes']:.1f} minutes, {row['tokens']:,} pieces: held-out loss "
                f"{row['held_out_loss']:.3f}, perplexity {row['perplexity']:.1f}"
            )
        self._processes.wait()

    def _write_encoder(self, progress: Progress, *, is_finished: bool) -> None:
        """Write the encoder folder, and put it in its place."""
        recipe = self._recipe
        summary = {
            "finished": is_finished,
            "parameters": sum(value.numel() for value in self._model.parameters()),
            "pieces": len(self._tokenizer),
            "files": [
                {**file.model_dump(), "sequences": rows}
                for file, rows in zip(recipe.corpus.files, self._train.files, strict=True)
            ],
            "held_out_sequences": len(self._held_out.lengths),
            **progress.history[-1],
            "history": progress.history,
        }
        write_encoder(self._folder.checkpoint, recipe, self._model, self._tokenizer, summary)
        self._folder.put()
