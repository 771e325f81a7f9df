"""A picture that is attached itself: photographs of orders, scans, logos (EXIF: CIPA DC-008).

Where it was taken is a person's secret: that coordinates are there is a fact, which they are is not kept.
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from edrguard.documents import codes, ocr, pictures
from edrguard.documents.found import Found
from edrguard.documents.producers import family

_SOFTWARE, _MAKE, _MODEL, _CHANGED, _ARTIST = 0x0131, 0x010F, 0x0110, 0x0132, 0x013B
_EXIF, _GPS, _TAKEN, _ZONE = 0x8769, 0x8825, 0x9003, 0x9011
_SCAN = 600  #: pixels a side from which it may be a page


def read_image_file(found: Found, data: bytes) -> None:
    """Fill in dates, camera, software and fingerprints."""
    image = pictures.open_image(data, found.budget)
    if image is None:
        found.details["image"] = "not decoded"
        found.pictures.append(pictures.picture(None, data, 0, 0))
        return
    width, height = image.width, image.height
    _exif(found, image)
    for key in ("Software", "software"):  # PNG's text chunks
        if isinstance(image.info.get(key), str):
            found.producer = found.producer or image.info[key][:300]
    found.family = family(found.producer or "", found.details.get("camera", ""))
    # JPEG is decoded at the scale that is asked for, so the two ask apart; all else is decoded once.
    again = pictures.open_image(data) if image.format == "JPEG" else image
    found.qr += codes.read_codes(found.details, [] if again is None else [again])
    found.pictures.append(pictures.picture(image, data, width, height))
    if min(width, height) >= _SCAN:
        found.pages = found.image_pages = 1
        found.recognition(ocr.available())


def _exif(found: Found, image: Any) -> None:
    try:
        top = image.getexif()
        inner = top.get_ifd(_EXIF)
        found.producer = _text(top.get(_SOFTWARE)) or None
        found.author = _text(top.get(_ARTIST)) or None
        camera = " ".join(filter(None, (_text(top.get(_MAKE)), _text(top.get(_MODEL)))))
        if camera:
            found.details["camera"] = camera
        if top.get_ifd(_GPS):
            found.details["place"] = "coordinates are in the file"
        zone = _text(inner.get(_ZONE))
        found.created, found.created_offset = exif_date(_text(inner.get(_TAKEN)), zone)
        found.modified, found.modified_offset = exif_date(_text(top.get(_CHANGED)), zone)
    except Exception as error:  # Pillow on a stranger's metadata
        found.details["exif"] = f"unreadable: {type(error).__name__}"


def _text(value: object) -> str:
    return value.strip("\0 ")[:200] if isinstance(value, str) else ""


def exif_date(text: str, zone: str) -> tuple[datetime | None, int | None]:
    """(aware UTC, minutes east of UTC where a zone is given): without a zone the camera's clock is read as UTC."""
    minutes: int | None = None
    if len(zone) == 6 and zone[0] in "+-" and zone[1:3].isdigit() and zone[4:].isdigit():
        minutes = (int(zone[1:3]) * 60 + int(zone[4:])) * (-1 if zone[0] == "-" else 1)
    try:
        when = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=timezone(timedelta(minutes=minutes or 0)))
        return when.astimezone(UTC), minutes
    except (ValueError, OverflowError):
        return None, None
