"""QR codes: of the page's address, and of the access point that a phone's camera joins."""

from __future__ import annotations

import io


def terminal_qr(text: str) -> list[str]:
    """Lines of half-block characters; none where the library is missing."""
    try:
        import segno
    except ModuleNotFoundError:
        return []
    drawing = io.StringIO()
    segno.make_qr(text, error="l").terminal(out=drawing, border=2, compact=True)
    return drawing.getvalue().rstrip("\n").split("\n")


def svg_qr(text: str) -> str:
    """An SVG element that fills its place, dark on light whatever the page's colours. Raises ModuleNotFoundError."""
    import segno

    drawing = io.BytesIO()
    segno.make_qr(text, error="m").save(
        drawing, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True, dark="#000", light="#fff"
    )
    return drawing.getvalue().decode("utf-8")


def wifi_text(ssid: str, key: str) -> str:
    """What phones' cameras join a network by; reserved characters are escaped.

    https://github.com/zxing/zxing/wiki/Barcode-Contents#wi-fi-network-config-android-ios-11
    """
    return f"WIFI:T:WPA;S:{_escaped(ssid)};P:{_escaped(key)};;"


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in '\\;,":' else character for character in text)
