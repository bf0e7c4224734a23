/*
 * attachment_table.h — ATTACHMENT(ending, type, mark, at, more, more_at): the files that a chat
 * takes.
 *
 *   ending          of the name, in small letters
 *   type            as which it is given out, whatever its sender called it
 *   mark, at        bytes that it has at that place; "" for text: no byte is zero
 *   more, more_at   and these
 *
 * Nothing that a browser or a desktop would run: no HTML, SVG, scripts, programs, archives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define OFFICE "application/vnd.openxmlformats-officedocument."
#define OPEN   "application/vnd.oasis.opendocument."
#define OLE    "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ATTACHMENT(".png", "image/png", "\x89PNG\r\n\x1a\n", 0, "", 0)
ATTACHMENT(".jpg", "image/jpeg", "\xff\xd8\xff", 0, "", 0)
ATTACHMENT(".jpeg", "image/jpeg", "\xff\xd8\xff", 0, "", 0)
ATTACHMENT(".gif", "image/gif", "GIF8", 0, "", 0)
ATTACHMENT(".webp", "image/webp", "RIFF", 0, "WEBP", 8)
ATTACHMENT(".heic", "image/heic", "ftyp", 4, "", 0)
ATTACHMENT(".pdf", "application/pdf", "%PDF-", 0, "", 0)
ATTACHMENT(".txt", "text/plain", "", 0, "", 0)
ATTACHMENT(".log", "text/plain", "", 0, "", 0)
ATTACHMENT(".csv", "text/csv", "", 0, "", 0)
ATTACHMENT(".doc", "application/msword", OLE, 0, "", 0)
ATTACHMENT(".xls", "application/vnd.ms-excel", OLE, 0, "", 0)
ATTACHMENT(".ppt", "application/vnd.ms-powerpoint", OLE, 0, "", 0)
ATTACHMENT(".docx", OFFICE "wordprocessingml.document", "PK\x03\x04", 0, "", 0)
ATTACHMENT(".xlsx", OFFICE "spreadsheetml.sheet", "PK\x03\x04", 0, "", 0)
ATTACHMENT(".pptx", OFFICE "presentationml.presentation", "PK\x03\x04", 0, "", 0)
ATTACHMENT(".odt", OPEN "text", "PK\x03\x04", 0, "", 0)
ATTACHMENT(".ods", OPEN "spreadsheet", "PK\x03\x04", 0, "", 0)
ATTACHMENT(".odp", OPEN "presentation", "PK\x03\x04", 0, "", 0)
ATTACHMENT(".mp3", "audio/mpeg", "ID3", 0, "", 0)
ATTACHMENT(".m4a", "audio/mp4", "ftyp", 4, "", 0)
ATTACHMENT(".wav", "audio/wav", "RIFF", 0, "WAVE", 8)
ATTACHMENT(".ogg", "audio/ogg", "OggS", 0, "", 0)
ATTACHMENT(".mp4", "video/mp4", "ftyp", 4, "", 0)
ATTACHMENT(".mov", "video/quicktime", "ftyp", 4, "", 0)
ATTACHMENT(".webm", "video/webm", "\x1a\x45\xdf\xa3", 0, "", 0)
#undef OFFICE
#undef OPEN
#undef OLE
