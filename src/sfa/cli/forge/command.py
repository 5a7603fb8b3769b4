"""The command itself: what may be asked, in which order things are done, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import rich_click as click

from sfa.errors import Refused, SfaError
from sfa.settings import Settings

if TYPE_CHECKING:
    from sfa.cli.forge.display import Display
    from sfa.cli.forge.forging import Forging
    from sfa.cli.forge.song import Trouble

INTERRUPTED = 130
_FORMATS = ("flac", "wav", "mp3", "opus")
_OUT = Path("stems")
_SLOW_S = 0.7


@dataclass(frozen=True, slots=True)
class Arguments:
    """The command line, as it was typed."""

    files: tuple[str, ...]
    model: str | None
    stems: str | None
    format: str | None
    out: Path | None
    priority: int
    as_json: bool


class _Answering(click.RichCommand):
    """A command line that cannot be understood is answered in JSON too, where that was asked for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        asked = args[: args.index("--")] if "--" in args else list(args)  # parsing empties the list
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if "--json" in asked:
                from sfa.cli.forge.document import text_of
                from sfa.cli.forge.song import Trouble

                fix = "./sfa forge --help lists what can be asked."
                _write(text_of([], Trouble("refused", error.format_message(), fix)))
            raise


class _Folder(click.Path):
    """A folder, there or not. One without a name would be the current one, which nobody asked for."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not str(value).strip():
            self.fail("It is empty. Name a folder, as in --out stems, or leave the option out.", param, ctx)
        try:
            Path(value).exists()
        except OSError as error:  # a name that is too long, or a folder of somebody else's
            self.fail(f"{error.strerror}. Name another folder.", param, ctx)
        return super().convert(value, param, ctx)


@click.command(cls=_Answering)
@click.argument("files", nargs=-1, metavar="[FILE]…")
@click.option("--model", metavar="NAME", help="Separate with this model; ./sfa models lists them.")
@click.option("--stems", metavar="NAMES", help="Only these, as in vocals,drums; else all that the model has.")
@click.option(
    "--format",
    type=click.Choice(_FORMATS, case_sensitive=False),
    help="Copy the stems out as this; flac if only --out is given.",
)
@click.option(
    "--out",
    type=_Folder(),
    metavar="DIR",
    help=f"Copy the stems to DIR/TITLE/; ./{_OUT} if only --format is given. Nothing is written over.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output, nothing else.")
@click.option(
    "--priority",
    metavar="N",
    type=click.IntRange(-100, 100),
    default=0,
    help="-100 to 100; higher goes first.",
)
def forge(
    files: tuple[str, ...],
    model: str | None,
    stems: str | None,
    format: str | None,
    out: Path | None,
    priority: int,
    as_json: bool,
) -> int:
    """Turn audio files into stems and readings. Without a FILE: the built-in demo song.

    What is done already is not done again. Ctrl-C cancels what this command
    asked for, and the same command goes on where it stopped; a second Ctrl-C
    leaves at once. When the command is killed, the work goes on.

    Exit status: 0 all done; 1 the studio cannot be started; 64 the command line; 65 a file is not good sound;
    66 a file cannot be read; 69 a model cannot be had; 70, 71, 74, 75 a step
    failed, ran out of memory, of disk, or of time; 130 stopped by Ctrl-C. The
    first file that failed decides.
    """
    return _Command(Arguments(files, model, stems, format, out, priority, as_json)).run()


class _Command:
    """One run of the command."""

    def __init__(self, asked: Arguments) -> None:
        from sfa.cli.forge.song import Song

        self._asked = asked
        self._songs = [Song(given) for given in asked.files] or [Song(None)]

    def run(self) -> int:
        from sfa.cli import exit_status
        from sfa.cli.forge import song

        try:
            with _terminable():
                stopped = self._forge()
        except KeyboardInterrupt:  # before anything was asked
            for one in self._songs:
                if one.is_open:
                    one.end(song.CANCELLED, song.not_begun(one))
            print("sfa: Stopped.", file=sys.stderr)
            stopped = True
        except SfaError as error:
            if not self._asked.as_json:
                raise
            for one in self._songs:
                one.give_up(song.Trouble.of(error))
            self._print_document(song.Trouble.of(error))
            print(f"sfa: {error} {error.fix}".rstrip(), file=sys.stderr)
            return exit_status(error)
        if self._asked.as_json:
            self._print_document()
        if stopped:
            return INTERRUPTED
        return next((one.trouble.exit_status for one in self._songs if one.trouble), 0)

    def _forge(self) -> bool:
        """Whether the user stopped it."""
        from sfa.cli.forge import display, report
        from sfa.cli.forge.export import Place
        from sfa.cli.forge.forging import Forging
        from sfa.cli.forge.studio import Studio
        from sfa.cli.forge.taking_in import Wanted

        asked = self._asked
        settings = Settings.from_env()
        wanted = Wanted(asked.model, wanted_stems(asked.model, asked.stems, settings), asked.priority)
        place = None
        if asked.out or asked.format:
            place = Place(asked.out or _OUT, asked.format or _FORMATS[0])
            place.check()
        results = report.Silence() if asked.as_json else report.Tables()
        shows = display.display_for(self._songs, results)
        with ExitStack() as held:
            self._check_files(shows, held)
            if not any(one.is_open for one in self._songs):
                return False
            with _saying("Starting the studio.", shows):
                studio = Studio(settings, held)
            shows.start()
            held.callback(shows.close)

            def make() -> Forging:
                return Forging(studio, wanted, place, self._songs, shows)

            return asyncio.run(_until_done(make, shows, lambda: self._leave_now(shows)))

    def _check_files(self, shows: Display, held: ExitStack) -> None:
        from sfa import names
        from sfa.cli.forge import files, song
        from sfa.cli.forge.song import Trouble

        for one in self._songs:
            if one.given is None:
                continue
            try:
                one.pipe = files.check(one.given)
            except SfaError as error:
                one.end(song.FAILED, Trouble.of(error))
                shows.ended(one)
            if one.pipe is not None:
                held.callback(one.pipe.close)
                if not one.pipe.has_come(0):
                    shows.say(
                        f"{names.shown(one.given)} is a pipe, and nothing has come out of it yet: "
                        f"it is given {files.SILENT_S:.0f} seconds."
                    )

    def _print_document(self, trouble: Trouble | None = None) -> None:
        from sfa.cli.forge.document import text_of

        _write(text_of(self._songs, trouble))

    def _leave_now(self, shows: Display) -> NoReturn:
        """Without waiting for threads that copy or encode; what they leave behind is swept away later."""
        from sfa.cli.forge import song

        shows.close()
        for one in self._songs:
            if one.is_open:
                one.end(song.LEFT, song.left(one) if one.track_id else song.not_begun(one))
        if self._asked.as_json:
            self._print_document()
        sys.stderr.flush()
        os._exit(INTERRUPTED)


def _write(document: str) -> None:
    sys.stdout.buffer.write(document.encode())  # JSON is UTF-8, whatever the terminal's language is
    sys.stdout.buffer.flush()


def wanted_stems(model: str | None, stems: str | None, settings: Settings) -> tuple[str, ...] | None:
    """The stems that are asked for, or None for all of the model's.

    Raises
    ------
    Refused
        When there is no such model, or it has no such stem.
    """
    from sfa.library import DEFAULT_MODEL
    from sfa.names import shown
    from sfa.separators import CannotSeparate, models

    try:
        has = models.model(DEFAULT_MODEL if model is None else model, settings.models_dir)
    except CannotSeparate as error:
        raise Refused(str(error), code=error.code, fix=error.fix) from error
    if stems is None:
        return None
    known = {stem.lower(): stem for stem in has.stems}
    asked = (name.strip().lower() for name in stems.split(",") if name.strip())
    names = tuple(dict.fromkeys(known.get(name, name) for name in asked))
    # A checkpoint that only tells when it is loaded has none to compare with.
    unknown = [name for name in names if has.stems and name not in has.stems]
    if unknown or not names:
        said = f"has no stem {shown(unknown[0])}" if unknown else "was asked for no stem at all"
        others = f"; it has {', '.join(has.stems)}" if has.stems else ""
        raise Refused(
            f"The model {has.name} {said}{others}.",
            fix="Leave --stems out to get all of them.",
        )
    return None if set(names) == set(has.stems) else names


async def _until_done(make: Callable[[], Forging], shows: Display, leave_now: Callable[[], NoReturn]) -> bool:
    forging = make()
    loop = asyncio.get_running_loop()

    def heard() -> None:
        if forging.stopped:
            leave_now()
        forging.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, heard)
    await forging.run()
    if forging.stopped:
        shows.say("Stopped. The same command goes on where this one left off.")
    return forging.stopped


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM is heard as Ctrl-C is, also before and after the part that handles both itself."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _saying(sentence: str, shows: Display) -> Iterator[None]:
    """Say it when the block takes long enough to be wondered about."""
    timer = threading.Timer(_SLOW_S, shows.say, [sentence])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
