from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serve.core.errors import Usage
from serve.core.model import ContentPart
from serve.core.payloads.media import attachment


@pytest.mark.parametrize(
    ("url", "named", "media_type"),
    [
        ("https://x.test/a.PNG?size=2#top", None, "image/png"),
        ("https://x.test/a.png", "image/webp", "image/webp"),
        ("https://x.test/a", None, None),
        ("data:image/gif;base64,aGk=", "image/png", "image/gif"),
        ("data:;base64,aGk=", "image/png", "image/png"),
        ("DATA:text/plain;charset=utf-8;base64,aGk=", None, "text/plain"),
    ],
)
def test_the_url_then_the_prompt_then_the_suffix_name_the_type(url, named, media_type):
    assert attachment(ContentPart(url, "image", named)).media_type == media_type


@given(st.binary(min_size=1))
def test_bytes_in_a_url_come_out_as_they_went_in(data):
    url = f"data:application/pdf;base64,{base64.b64encode(data).decode()}"
    assert attachment(ContentPart(url, "file")).content == data


@pytest.mark.parametrize(
    "url",
    ["data:image/png,hi", "data:image/png;base64,", "data:image/png;base64,h!", "data:", "data:x;base64,aGk"],
)
def test_a_data_url_that_is_none_is_refused(url):
    with pytest.raises(Usage, match="PAY006"):
        attachment(ContentPart(url, "image"))


@given(st.text().filter(lambda text: text.strip()[:5].lower() not in ("", "data:")))
def test_any_other_text_is_an_address(url):
    assert attachment(ContentPart(url, "image")).url == url.strip()
