from __future__ import annotations

import pytest

DETECT = {"allowHosts": ["example.com", "*.example.com"]}


@pytest.mark.parametrize(
    "text",
    [
        "see https://example.com",
        "see https://docs.example.com/a?b=c#d.",
        "HTTPS://Docs.Example.COM/",
        "https://example.com:8443/x",
        "https://example.com./x",
        "www.example.com",
        "[here](https://example.com/a_(b))",
        "Note:this is fine, so is 10:30 and mail:me",
        "https://example.com/?next=https://docs.example.com/",
    ],
)
def test_links_to_allowed_hosts_pass(rule, guard, text: str) -> None:
    assert guard(rule("url", DETECT)).check(text, "output").passed


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.test",
        "http://example.com",
        "https://example.com.evil.test/",
        "https://example.com@evil.test/",
        "https://example.com\\@evil.test/",
        "https://evil.test\\.example.com/",
        "https:/evil.test",
        "https:evil.test",
        "https://notexample.com",
        "https://ex\u0430mple.com",
        "https://example.com。evil.test/",
        "https://exam\u200bple.org",
        "ftp://example.com/x",
        "javascript:alert(1)",
        "data:text/html,x",
        "www.evil.test",
        "Contact:https://evil.test",
        "1https://evil.test",
        "https://[::1]/",
        "https://example.com%2eevil.test/",
        "https://example.com/?next=https://evil.test/",
        "![x](https://example.com/p?d=secret)",
    ],
)
def test_links_elsewhere_and_images_are_hits(rule, guard, text: str) -> None:
    verdict = guard(rule("url", DETECT)).check(f"a {text} b", "output")
    assert verdict.hits
    assert not verdict.errors


def test_the_sentence_keeps_its_own_punctuation(rule, guard) -> None:
    one = guard(rule("url", DETECT, **{"with": "[link]"}))
    text = "Go to [it](https://evil.test/a), or (https://evil.test/b). ![p](https://example.com/q)!"
    assert one.check(text, "output").text == "Go to [it]([link]), or ([link]). [link]!"


def test_images_can_be_allowed(rule, guard) -> None:
    one = guard(rule("url", {**DETECT, "markdownImages": "allow"}))
    assert one.check("![x](https://example.com/p)", "output").passed
    assert one.check("![x](https://evil.test/p)", "output").hits


def test_a_backslash_in_a_host_stays_one(rule, guard) -> None:
    """Browsers end the host there, other readers of addresses take what stands before the ``@`` for a name."""
    one = guard(rule("url", DETECT))
    assert not one.check(r"https://example.com\ntest@evil.test/", "output").passed
    assert not one.check(r"https://evil.test\n.example.com/", "output").passed
