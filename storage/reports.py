"""What the staff read, fetched: mails, register and totals, a few statements each whatever the length."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select

from rules.problems import Decision
from storage.forms import form_from_json
from storage.part import Part
from storage.summary import AttachmentLine, MailLine, ProblemLine, RegisterLine, Totals
from storage.tables import APPLICATIONS, ATTACHMENTS, MAILS, OUTBOX, PROBLEMS, VERSIONS


class Reports(Part):
    """The staff's share of a transaction."""

    def mails_received(self, start: datetime, end: datetime) -> list[MailLine]:
        """Mails that reached our server from `start` (included) to `end` (not included), in the order of arrival."""
        return self._mails((MAILS.c.received_at >= start) & (MAILS.c.received_at < end))

    def mails_unreported(self, before: datetime) -> list[MailLine]:
        """Mails that reached our server before this instant and that no digest has reported, in the order of arrival."""
        return self._mails((MAILS.c.received_at < before) & MAILS.c.digest_day.is_(None))

    def mails_reported(self, day: date) -> list[MailLine]:
        """Mails that this day's digest has reported, in the order of arrival."""
        return self._mails(MAILS.c.digest_day == day)

    def last_mail_at(self) -> datetime | None:
        """When the newest mail reached our server, aware UTC."""
        last: datetime | None = self._connection.execute(select(func.max(MAILS.c.received_at))).scalar_one()
        return last

    def _mails(self, chosen: ColumnElement[bool]) -> list[MailLine]:
        which = select(MAILS.c.id).where(chosen)
        problems, attachments = self._problems(which), self._attachments(which)
        found = (
            select(
                MAILS,
                func.coalesce(APPLICATIONS.c.number, MAILS.c.repeats, "").label("number"),
                func.coalesce(OUTBOX.c.kind, "").label("answer"),
                func.coalesce(OUTBOX.c.state, "").label("reply_state"),
                func.coalesce(OUTBOX.c.error, "").label("reply_error"),
            )
            .join(APPLICATIONS, APPLICATIONS.c.id == MAILS.c.application_id, isouter=True)
            .join(OUTBOX, OUTBOX.c.mail_id == MAILS.c.id, isouter=True)
            .where(chosen)
            .order_by(MAILS.c.received_at, MAILS.c.id)
        )
        return [_mail_line(row, problems.get(row.id, ()), attachments.get(row.id, ())) for row in self._connection.execute(found)]

    def _problems(self, mails: Any) -> dict[int, tuple[ProblemLine, ...]]:  # noqa: ANN401 - a select of ids
        return {
            mail: tuple(ProblemLine(row.code, row.severity, row.field, row.message, row.clause) for row in rows) for mail, rows in self._of(PROBLEMS, mails)
        }

    def _attachments(self, mails: Any) -> dict[int, tuple[AttachmentLine, ...]]:  # noqa: ANN401 - a select of ids
        return {
            mail: tuple(AttachmentLine(row.name, tuple(row.within), row.size, row.sha256, row.media_type, row.role, row.status, row.reason) for row in rows)
            for mail, rows in self._of(ATTACHMENTS, mails)
        }

    def _of(self, table: Table, mails: Any) -> list[tuple[int, list[Any]]]:  # noqa: ANN401 - a select of ids
        """The table's rows of these mails, together for each mail."""
        groups: dict[int, list[Any]] = {}
        for row in self._connection.execute(select(table).where(table.c.mail_id.in_(mails)).order_by(table.c.id)):
            groups.setdefault(row.mail_id, []).append(row)
        return list(groups.items())

    def register(self) -> list[RegisterLine]:
        """Every application, by receipt number."""
        newest = _spans()
        latest, counting = VERSIONS.alias("latest"), VERSIONS.alias("counting")
        problems = self._problems(select(latest.c.mail_id).join(newest, _is_newest(latest, newest)))
        found = (
            select(
                APPLICATIONS.c.number, APPLICATIONS.c.unit_name, APPLICATIONS.c.accepted_version, newest.c.first_at, newest.c.versions,
                latest.c.mail_id, latest.c.decision, latest.c.received_at, counting.c.version, counting.c.sender, counting.c.form, MAILS.c.checks,
            )
            .join(newest, newest.c.application_id == APPLICATIONS.c.id)
            .join(latest, _is_newest(latest, newest))
            .join(counting, (counting.c.application_id == APPLICATIONS.c.id) & (counting.c.version == _counts(newest)))
            .join(MAILS, MAILS.c.id == latest.c.mail_id)
            .order_by(APPLICATIONS.c.notice_id, APPLICATIONS.c.sequence)
        )  # fmt: skip
        return [
            RegisterLine(
                number=row.number,
                unit_name=row.unit_name,
                status=Decision.ACCEPTED.value if row.accepted_version else row.decision,
                received_at=row.first_at,
                updated_at=row.received_at,
                version=row.version,
                versions=row.versions,
                sender=row.sender,
                form=form_from_json(row.form),
                newest_decision=row.decision,
                problems=problems.get(row.mail_id, ()),
                checks=tuple(row.checks),
            )
            for row in self._connection.execute(found)
        ]

    def totals(self) -> Totals:
        """Everything so far, counted."""
        states = self._count(MAILS.c.state)
        statuses = self._statuses()
        return Totals(
            mails=sum(states.values()),
            states=states,
            kinds=self._count(MAILS.c.kind, MAILS.c.state == "taken_in"),
            decisions=self._count(MAILS.c.decision, MAILS.c.state == "taken_in"),
            applications=sum(statuses.values()),
            accepted=statuses.get(Decision.ACCEPTED, 0),
            waiting_correction=statuses.get(Decision.CORRECTION, 0),
            late=statuses.get(Decision.LATE, 0),
            review=statuses.get(Decision.REVIEW, 0),
            replies=self._count(OUTBOX.c.state),
        )

    def _count(self, column: ColumnElement[str], *chosen: ColumnElement[bool]) -> dict[str, int]:
        rows = self._connection.execute(select(column, func.count()).where(*chosen).group_by(column))
        return {row[0]: row[1] for row in rows}

    def _statuses(self) -> dict[str, int]:
        newest, latest = _spans(), VERSIONS.alias("latest")
        accepted = (APPLICATIONS.c.accepted_version > 0).label("accepted")
        rows = self._connection.execute(
            select(accepted, latest.c.decision, func.count())
            .join(newest, newest.c.application_id == APPLICATIONS.c.id)
            .join(latest, _is_newest(latest, newest))
            .group_by(accepted, latest.c.decision)
        )
        counts: dict[str, int] = {}
        for is_accepted, decision, count in rows:
            status = Decision.ACCEPTED.value if is_accepted else decision
            counts[status] = counts.get(status, 0) + count
        return counts


def _spans() -> Any:  # noqa: ANN401 - a subquery
    """For each application: its newest version, how many there are, and when the first came."""
    version = VERSIONS.c.version
    return (
        select(VERSIONS.c.application_id, func.max(version).label("newest"), func.count().label("versions"), func.min(VERSIONS.c.received_at).label("first_at"))
        .group_by(VERSIONS.c.application_id)
        .subquery()
    )


def _is_newest(versions: Any, newest: Any) -> ColumnElement[bool]:  # noqa: ANN401 - an alias and a subquery
    same: ColumnElement[bool] = (versions.c.application_id == newest.c.application_id) & (versions.c.version == newest.c.newest)
    return same


def _counts(newest: Any) -> ColumnElement[int]:  # noqa: ANN401 - a subquery
    """The version that counts: the accepted one, else the newest."""
    return func.coalesce(func.nullif(APPLICATIONS.c.accepted_version, 0), newest.c.newest)


def _mail_line(row: Any, problems: tuple[ProblemLine, ...], attachments: tuple[AttachmentLine, ...]) -> MailLine:  # noqa: ANN401 - a row
    return MailLine(
        id=row.id,
        received_at=row.received_at,
        collected_at=row.collected_at,
        taken_in_at=row.taken_in_at,
        state=row.state,
        reason=row.reason,
        tries=row.tries,
        sender_name=row.sender_name,
        sender_address=row.sender_address,
        subject=row.subject,
        kind=row.kind,
        automatic=row.automatic,
        decision=row.decision,
        number=row.number,
        unit_name=row.unit_name or "",
        subject_unit_name=row.subject_unit_name or "",
        version=row.version,
        answer=row.answer,
        reply_state=row.reply_state,
        reply_error=row.reply_error,
        silence=row.silence,
        repeats=row.repeats is not None,
        digest_day=row.digest_day,
        problems=problems,
        attachments=attachments,
        checks=tuple(row.checks),
        faults=tuple(row.faults),
    )
