"""Links to cloud drives and 超大附件 among a letter's links: they are never fetched, a real attachment is asked for instead."""

import re

from rules.submission import Letter

# Hosts and paths of the drives and large-attachment pages in use among applicants.
DRIVES = (
    r"mail\.qq\.com/cgi-bin/(?:ftnexs_download|readtemplate\?t=.*ftn|ftnget)",
    r"(?:[\w-]+\.)?mail\.qq\.com/(?:ftn/download|.*func=ftn)",
    r"(?:[\w-]+\.)*ftn\.qq\.com/",
    r"exmail\.qq\.com/(?:cgi-bin/ftnexs_download|ftn/)",
    r"(?:[\w-]+\.)*(?:163|126|yeah)\.(?:com|net)/(?:large-attachment-download|html/cloud-attachment-download|disk|bigfile)",
    r"edisk\.qiye\.163\.com/",
    r"(?:[\w-]+\.)*(?:kdocs\.cn|(?<!www\.)wps\.cn|docs\.qq\.com|weiyun\.com)/",
    r"(?:pan|yun|eyun)\.baidu\.com/",
    r"(?:[\w-]+\.)*(?:alipan|aliyundrive|quark|123pan|lanzou\w?|ctfile|jianguoyun|115cdn|cowtransfer|wenshushu|feijix|yunpan)\.(?:com|cn)/",
    r"pan\.(?:quark|xunlei|wo)\.(?:cn|com|com\.cn)/",
    r"(?:www\.)?(?:cowtransfer|wenshushu|wetransfer|dropbox)\.(?:com|cn)/",
    r"cloud\.189\.cn/",
    r"(?:yun|caiyun)\.139\.com/",
    r"(?:www\.)?123(?:pan|684|865|912)\.(?:com|cn)/",
    r"mail\.(?:aliyun|sina|sohu|139|189)\.(?:com|cn|com\.cn)/\S*(?:attach|bigfile|netdisk|disk|download)",
    r"(?:[\w-]+\.)*(?:dingtalk|feishu|larksuite)\.(?:com|cn)/(?:i/nodes|spn|docx|file|drive|wiki)",
    r"(?:drive|docs)\.google\.com/",
    r"(?:1drv\.ms|onedrive\.live\.com|[\w-]+\.sharepoint\.com)/",
)
# The front page of a drive is no file: it stands below many a signature.
_DRIVE = re.compile(rf"https?://(?:{'|'.join(DRIVES)})(?!$)", re.IGNORECASE)
_MOST_LINKS, _LONGEST = 500, 500


def cloud_links(letter: Letter) -> tuple[str, ...]:
    """The links of a letter that lead to a file on a drive, in their order."""
    return tuple(link for link in letter.links[:_MOST_LINKS] if _DRIVE.match(link[:_LONGEST]))
