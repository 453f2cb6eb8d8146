"""The seller's files of an invoice and of the red one: each a PDF, or an OFD document (GB/T 33190-2016)."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID
from zipfile import BadZipFile, ZipFile

from app.errors import InvalidInput, InvoiceConflict, NotFound
from app.events.recording import Actor, record
from app.invoices.models import Document, InvoiceFile
from app.invoices.requesting import locked

MOST_BYTES = 2 * 1024 * 1024
ENDINGS = {"application/pdf": "pdf", "application/ofd": "ofd"}
"""Which media types a file may have, and how its name ends."""


async def attach_file(invoice_id: UUID, document: Document, content: bytes, actor: Actor) -> InvoiceFile:
    """Attach the seller's file of an issued document, in place of one that it has; the same again changes nothing.

    Raises:
        NotFound: there is no such invoice.
        InvoiceConflict: the document is not issued.
        InvalidInput: neither PDF nor OFD, or larger than 2 MiB.
    """
    media_type = _media_type(content)
    invoice, account = await locked(invoice_id)
    if invoice.number_of(document) is None:
        raise InvoiceConflict(
            reason_en=f"it is {invoice.state.en}, and no {document.en} is issued: do that first, then attach its file",
            reason_zh=f"其状态为“{invoice.state.zh}”，{document.zh}尚未开具：请先开具，再上传文件",
            path=("invoiceId",),
        )
    file = await InvoiceFile.get_or_none(invoice_id=invoice.id, document=document)
    file = file or InvoiceFile(invoice_id=invoice.id, document=document)
    if file.content == content:
        return file
    file.media_type, file.size, file.content = media_type, len(content), content
    file.attached_by, file.attached_at = actor.label, account.now()
    await file.save()
    after = {"invoice": str(invoice.id), "number": invoice.number_of(document), "mediaType": media_type}
    await record(account.id, account.now(), "invoice.file_attached", actor, after=after)
    return file


async def file_of(invoice_id: UUID, document: Document) -> InvoiceFile:
    """The seller's file of a document, with the invoice that it is of.

    Raises:
        NotFound: it has none.
    """
    file = await InvoiceFile.get_or_none(invoice_id=invoice_id, document=document).select_related("invoice")
    if file is None:
        raise NotFound(what="invoice", path=("invoice",))
    return file


def _media_type(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            reason_en=f"the file must not have more than {MOST_BYTES} bytes",
            reason_zh=f"文件不得超过 {MOST_BYTES} 字节",
            path=("file",),
        )
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    try:
        with ZipFile(BytesIO(content)) as archive:
            if "OFD.xml" in archive.namelist():
                return "application/ofd"
    except (BadZipFile, ValueError, NotImplementedError, OSError):
        pass
    raise InvalidInput(
        reason_en="the file must be a PDF or an OFD document", reason_zh="文件必须是 PDF 或 OFD 格式", path=("file",)
    )
