"""The promise under `kill -9`: at whatever step the program stops, each mail is recorded once and answered once when it is started again.

A crash is a BaseException at a numbered point: before and after every write to disk, commit, fetch and delivery. What was not committed is
rolled back, as the database does after a real kill; tests/live/test_kill.py kills real processes. The last tests plant faults in the steps
and show that this very harness finds them.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import daemon.collect
from daemon.collect import collect
from daemon.deliver import deliver_due
from daemon.intake import take_in_waiting
from daemon.world import World
from storage.outbox import queue
from tests.builders import form_docx, good_values
from tests.mails import auto_reply, mail
from tests.worlds import Outside

Steps = tuple[Callable[[World], object], ...]
STEPS: Steps = (collect, take_in_waiting, deliver_due)
UNITS = ("中国甲行业协会", "中国乙行业协会", "中国丙行业协会")
MOST_POINTS = 400


class Killed(BaseException):
    """kill -9."""


class Fuse:
    """Kills at the n-th point; counts only, where n is 0."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed: list[str] = []

    def point(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.at:
            raise Killed(name)

    @contextmanager
    def around(self, name: str) -> Iterator[None]:
        self.point(f"before {name}")
        yield
        self.point(f"after {name}")


class Dying:
    """A part of the world whose named calls are points of death."""

    def __init__(self, inner: object, fuse: Fuse, *calls: str) -> None:
        self._inner, self._fuse, self._calls = inner, fuse, calls

    def __getattr__(self, name: str) -> object:
        call = getattr(self._inner, name)
        if name not in self._calls:
            return call

        def dying(*args, **kwargs):
            with self._fuse.around(name):
                return call(*args, **kwargs)

        return dying


class DyingStore:
    """The store: a death inside a transaction rolls it back, one after it does not."""

    def __init__(self, inner, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    @contextmanager
    def begin(self):
        self._fuse.point("before begin")
        with self._inner.begin() as tx:
            yield tx
            self._fuse.point("before commit")
        self._fuse.point("after commit")

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def dying_world(outside: Outside, fuse: Fuse) -> World:
    world = outside.world()
    return replace(
        world,
        store=DyingStore(world.store, fuse),
        files=Dying(world.files, fuse, "put"),
        mailbox=Dying(world.mailbox, fuse, "select", "new_uids", "fetch"),
        sender=Dying(world.sender, fuse, "send"),
    )


def run(world: World, steps: Steps) -> None:
    for step in steps:
        step(world)


def post(outside: Outside) -> int:
    """Three applications, one of them with a wrong subject, a repeat of the first, and a machine's mail."""
    subjects = [f"专利密集型产品认定产业评价中心承担单位——{UNITS[0]}", "申报材料", f"专利密集型产品认定产业评价中心承担单位——{UNITS[2]}"]
    for n, (unit, subject) in enumerate(zip(UNITS, subjects, strict=True)):
        raw = mail(
            subject, sender=f"office{n}@unit.example", attachments=[("申报表.docx", form_docx(good_values(unit_name=unit, email=f"office{n}@unit.example")))]
        )
        outside.mailbox.append(raw)
        if n == 0:
            outside.mailbox.append(raw)
    outside.mailbox.append(auto_reply())
    return 5


def check_promise(outside: Outside, mails: int, at: str) -> None:
    """Each mail is recorded once, each answer delivered once (twice with one Message-ID only where death came between server and register)."""
    world = outside.world()
    with world.store.read() as tx:
        lines, register = tx.mails_received(outside.clock.now.replace(year=2000), outside.clock.now.replace(year=2100)), tx.register()
    assert len(lines) == mails
    assert {line.state for line in lines} == {"taken_in"}
    assert [line.number for line in register] == ["ZLCP-2024-0001", "ZLCP-2024-0002", "ZLCP-2024-0003"]
    assert [line.unit_name for line in register] == list(UNITS)
    assert [line.versions for line in register] == [1, 1, 1]
    delivered = Counter(message_from_bytes(each.mime)["Message-ID"] for each in outside.sender.deliveries)
    receivers = [each.to for each in outside.sender.deliveries]
    assert len(delivered) == 3
    assert {to for (to,) in receivers} == {f"office{n}@unit.example" for n in range(3)}
    assert sum(delivered.values()) == (4 if at in {"after send", "before begin after send", "before commit after send"} else 3)


def crash_at_every_point(folder, steps: Steps = STEPS) -> list[str]:
    """Run with a death at the 1st, 2nd ... point, start again without, and hold the outcome against the promise. Returns the points."""
    points: list[str] = []
    for at in range(1, MOST_POINTS):
        with closing(Outside(folder / str(at))) as outside:
            point = _crash_once(outside, Fuse(at), steps)
        if point is None:
            return points
        points.append(point)
    raise AssertionError("more points than expected")


def _crash_once(outside: Outside, fuse: Fuse, steps: Steps) -> str | None:
    """One life with a death and one without. Returns where it died; None where it came to the end alive."""
    mails = post(outside)
    try:
        run(dying_world(outside, fuse), steps)
    except Killed:
        again = outside.world()
        run(again, steps)
        run(again, steps)
        check_promise(outside, mails, _where(fuse.passed))
        return fuse.passed[-1]
    return None


def _where(passed: list[str]) -> str:
    """The last point; those between the server's yes and the commit are named so."""
    sending = [n for n, name in enumerate(passed) if name == "before send"]
    since = passed[sending[-1] :] if sending else []
    if passed[-1] == "after send":
        return "after send"
    if "after send" in since and "after commit" not in since:
        return f"{passed[-1]} after send"
    return passed[-1]


def test_a_death_at_any_step_neither_loses_nor_repeats(tmp_path):
    points = crash_at_every_point(tmp_path)
    assert {"before put", "after put", "before commit", "after commit", "before send", "after send", "before fetch"} <= set(points)
    assert len(points) > 60


def test_a_quiet_run_keeps_the_promise_and_a_second_pass_does_nothing(tmp_path):
    outside = Outside(tmp_path)
    mails = post(outside)
    world = outside.world()
    assert (collect(world), take_in_waiting(world), deliver_due(world)) == (5, 5, 3)
    assert (collect(world), take_in_waiting(world), deliver_due(world)) == (0, 0, 0)
    check_promise(outside, mails, "")
    outside.close()


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("mail"), st.integers(0, 4)),
        st.tuples(st.just("crash"), st.integers(1, 60)),
        st.tuples(st.just("run"), st.just(0)),
        st.tuples(st.just("renumber"), st.just(0)),
        st.tuples(st.just("lose answer"), st.just(0)),
    ),
    min_size=1,
    max_size=12,
)


def _post_one(outside: Outside, which: int) -> None:
    """An application, its repeat, an update of it, one with a wrong subject, or a machine's mail."""
    unit, sender = UNITS[which % 3], f"office{which % 3}@unit.example"
    phone = "010-62150001" if which == 3 else "010-62150000"
    form = form_docx(good_values(unit_name=unit, email=sender, contact_phone=phone))
    subject = "申报材料" if which == 1 else f"专利密集型产品认定产业评价中心承担单位——{unit}"
    raw = auto_reply() if which == 4 else mail(subject, sender=sender, attachments=[("申报表.docx", form)])
    outside.mailbox.append(raw)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_no_order_of_mails_deaths_and_troubles_breaks_the_promise(actions, tmp_path_factory):
    outside = Outside(tmp_path_factory.mktemp("world"))
    posted = 0
    for action, number in actions:
        if action == "mail":
            _post_one(outside, number)
            posted += 1
        elif action == "renumber":
            outside.mailbox.renumber()
        elif action == "lose answer":
            outside.sender.lose_answer()
        else:
            world = dying_world(outside, Fuse(number))
            with suppress(Killed):
                run(world, STEPS)
    outside.sender.lose_answer(-outside.sender.unanswered)
    outside.clock.now += timedelta(days=1)
    world = outside.world()
    run(world, STEPS)
    run(world, STEPS)
    with world.store.read() as tx:
        lines, register = tx.mails_received(outside.clock.now.replace(year=2000), outside.clock.now.replace(year=2100)), tx.register()
    outside.close()
    assert [line.state for line in lines] == ["taken_in"] * posted
    assert [line.number for line in register] == [f"ZLCP-2024-{n:04d}" for n in range(1, len(register) + 1)]
    assert len({line.unit_name for line in register}) == len(register)
    letters = {message_from_bytes(each.mime)["Message-ID"]: each.mime for each in outside.sender.deliveries}
    assert len(letters) == sum(bool(line.answer) for line in lines)
    assert {each.mime for each in outside.sender.deliveries} == set(letters.values())
    assert {line.reply_state for line in lines} <= {"sent", ""}


# ---- planted faults: the harness must find them


def _collect_row_before_file(world: World) -> None:
    """The row is committed before the bytes are on disk."""
    view = world.mailbox.select()
    after = daemon.collect._last_uid(world, "INBOX", view.uidvalidity)
    for fetched in list(world.mailbox.fetch(world.mailbox.new_uids(after))):
        with world.store.begin() as tx:
            digest = sha256(fetched.raw).hexdigest()
            tx.keep_mail(folder="INBOX", uidvalidity=view.uidvalidity, uid=fetched.uid, sha256=digest, size=1, received_at=fetched.received_at, now=world.now())
        world.files.put(fetched.raw)


def _collect_position_first(world: World) -> None:
    """The folder's position is moved to the end before the mails are kept."""
    view = world.mailbox.select()
    after = daemon.collect._last_uid(world, "INBOX", view.uidvalidity)
    uids = world.mailbox.new_uids(after)
    if uids:
        with world.store.begin() as tx:
            tx.skip_uid("INBOX", view.uidvalidity, uids[-1])
    for fetched in world.mailbox.fetch(uids):
        daemon.collect._keep(world, "INBOX", view.uidvalidity, fetched)


def _deliver_marked_first(world: World) -> None:
    """A reply counts as sent before the server has it."""
    while True:
        with world.store.begin() as tx:
            due = tx.due_replies(world.now(), 1)
            for reply in due:
                tx.reply_sent(reply.id, world.now())
        if not due:
            return
        world.sender.send(due[0].to, due[0].mime)


def _deliver_batch_then_mark(world: World) -> None:
    """All are sent, then all are marked: a death in between repeats many."""
    with world.store.read() as tx:
        due = tx.due_replies(world.now(), 100)
    for reply in due:
        world.sender.send(reply.to, reply.mime)
    with world.store.begin() as tx:
        for reply in due:
            tx.reply_sent(reply.id, world.now())


def _take_in_without_reply(world: World) -> None:
    """The record is committed first, the reply is queued in a second transaction."""

    class Torn:
        def __init__(self, tx, later):
            self._tx, self._later = tx, later

        def __getattr__(self, name):
            return getattr(self._tx, name)

        def keep(self, mail_id, submission, verdict, reply, now):
            self._later.append((mail_id, reply, now))
            return self._tx.keep(mail_id, submission, verdict, None, now)

    class TornStore:
        def __init__(self, inner):
            self._inner = inner

        def __getattr__(self, name):
            return getattr(self._inner, name)

        @contextmanager
        def begin(self):
            later: list = []
            with self._inner.begin() as tx:
                yield Torn(tx, later)
            for mail_id, reply, now in later:
                if reply is not None:
                    with self._inner.begin() as tx:
                        queue(tx._connection, reply, now, mail_id=mail_id)

    take_in_waiting(replace(world, store=TornStore(world.store)))


FAULTS = {
    "the row before the bytes": (_collect_row_before_file, take_in_waiting, deliver_due),
    "the position before the mails": (_collect_position_first, take_in_waiting, deliver_due),
    "sent before it is": (collect, take_in_waiting, _deliver_marked_first),
    "all sent, then all marked": (collect, take_in_waiting, _deliver_batch_then_mark),
    "the reply in a second transaction": (collect, _take_in_without_reply, deliver_due),
}


@pytest.mark.parametrize("steps", FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(steps, tmp_path):
    with pytest.raises(AssertionError):
        crash_at_every_point(tmp_path, steps)
