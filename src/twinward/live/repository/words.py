"""Small numbers for words that come again and again: references, signals, units, sources, and sets of codes."""

import sqlite3

Codings = tuple[tuple[str, str], ...]
_MOST = 500_000  # kept in memory; what is beyond is looked up


class Words:
    """Word -> number, remembered; new ones are written with the transaction that first needs them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, int] = {}
        self._concepts: dict[tuple[Codings, bool], int] = {}
        self._next = 0

    def forget(self) -> None:
        """After a transaction that was taken back: what it made is no more."""
        self._known.clear()
        self._concepts.clear()
        self._next = 0

    def number(self, word: str) -> int:
        """The number of a word; made where it is new."""
        known = self._known.get(word)
        if known is not None:
            return known
        found = self._connection.execute("SELECT id FROM words WHERE word = ?", (word,)).fetchone()
        if found is None:
            made = self._connection.execute("INSERT INTO words (word) VALUES (?)", (word,))
            found = (made.lastrowid,)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[word] = found[0]
        return int(found[0])

    def concept(self, codings: Codings, component: bool = False) -> int:
        """The number of a set of (system, code); below zero where a component has them."""
        known = self._concepts.get((codings, component))
        if known is not None:
            return known
        run = self._connection.execute
        word = f"concept {component} {codings!r}"
        number = self.number(word)
        signed = -number if component else number
        if run("SELECT 1 FROM concepts WHERE concept = ? LIMIT 1", (signed,)).fetchone() is None:
            rows = [(signed, system, code) for system, code in dict.fromkeys(codings)]
            self._connection.executemany("INSERT INTO concepts VALUES (?, ?, ?)", rows)
        if len(self._concepts) >= _MOST:
            self._concepts.clear()
        self._concepts[(codings, component)] = signed
        return signed
