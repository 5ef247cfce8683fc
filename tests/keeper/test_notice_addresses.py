"""Which addresses notices tell, and what is told of the address that they go to."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.errors import LinkError
from dashcam.keeper import notice_senders
from dashcam.keeper.notice_box import Notice
from dashcam.keeper.notices import Notices
from dashcam.link.place import page_address_path
from dashcam.settings.schema_events import EventsSettings
from dashcam.system.addresses import page_addresses
from dashcam.system.runtime_folder import make_socket_folder
from tests.clips.rows import event, row


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:s3cret/", "http://127.0.0.1/ s3cret", "http://user:s3cret@x.invalid"]
)
def test_what_is_told_of_an_address_has_nothing_secret_of_it(address: str) -> None:
    with pytest.raises(LinkError) as told:
        notice_senders.post(address, Notice(clip_id="1-1", content="{}"), threading.Event())
    assert "s3cret" not in str(told.value)


def test_the_page_is_told_with_an_address_that_a_phone_can_open(tmp_path: Path) -> None:
    catalogue = CatalogueWriter(tmp_path)
    catalogue.open()
    notices = Notices(tmp_path, catalogue, EventsSettings(command="true"))
    assert not notices.step()
    make_socket_folder(tmp_path)
    for number, (written, told) in enumerate(
        [
            ("http://0.0.0.0:8391", page_addresses("0.0.0.0", 8391)[0]),
            ("http://192.168.1.7", "http://192.168.1.7/"),
            ("http://[nonsense", None),
        ],
        2,
    ):
        page_address_path(tmp_path).write_text(f"{written}\n", encoding="ascii")
        catalogue.put([row(number, kind="event", event=event("motion", f"1-{number}"))])
        assert notices.step()
        waiting = notices.box.first("command")
        assert waiting is not None
        assert json.loads(waiting.content)["page"] == told
        notices.box.done("command", waiting)
    notices.close()
    catalogue.close()
