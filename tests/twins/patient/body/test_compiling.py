"""What is compiled is compiled anew when anything it was made of changes."""

from pathlib import Path

from twinward.twins.patient.body.compiling import digest


def test_the_digest_sees_a_change_of_a_further_file(tmp_path: Path) -> None:
    file = tmp_path / "factors.py"
    file.write_text("FACTORS = 14\n")
    before, alone = digest(file), digest()
    digest.cache_clear()
    file.write_text("FACTORS = 15\n")
    assert len({before, digest(file), alone}) == 3
    assert digest() == alone
