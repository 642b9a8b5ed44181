"""What is asked for each mail costs no more when there are many: SQLite goes by the index that finds the few."""

from sqlalchemy import event

from tests.storage.examples import NOW, clues, keep_mail, notice


def plans_of(store, work) -> list[str]:
    """How SQLite goes about each question to the mails that `work` asks, in its own words."""
    asked = []

    def note(connection, cursor, statement, parameters, context, executemany):
        if statement.startswith("SELECT") and "mails" in statement:
            asked.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        with store.begin() as tx:
            work(tx)
    finally:
        event.remove(store._engine, "before_cursor_execute", note)
    with store.read() as tx:
        return [" ".join(row[3] for row in tx._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)) for sql, given in asked]


def test_a_mail_is_looked_up_by_its_hash_though_all_came_in_the_same_second(store):
    plans = plans_of(store, lambda tx: keep_mail(tx, 1))
    assert "ix_mails_sha256" in plans[-1]
    assert not any("SCAN mails" in plan or "ix_mails_received_at" in plan for plan in plans)


def test_a_copy_is_looked_up_by_hash_and_fingerprint_and_not_among_all_mails_taken_in(store):
    plans = plans_of(store, lambda tx: tx.standing(clues(1), notice(), NOW))
    (copies,) = [plan for plan in plans if "ix_mails_sha256" in plan]
    assert "ix_mails_fingerprint" in copies
    assert not any("SCAN mails" in plan or "ix_mails_state" in plan for plan in plans)
