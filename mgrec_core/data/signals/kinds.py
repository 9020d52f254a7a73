"""How much one event of a kind says: −1 as much against an interest as an event can, 1 as much for it.

Kinds are matched by their words: case, spaces, hyphens, underscores and plurals do not matter, and neither
do words that only say that something happened (``product viewed``, ``add to cart``, ``like_event``). Words
are known in English, German, French, Spanish and Chinese.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

Role = Literal["use", "opinion", "shown"]
"""What an event is: something done with the item, something said of it, or only the item's being shown."""

UNKNOWN_STRENGTH = 0.5
"""What a kind counts that is not known; the receipt of an import names it."""


@dataclass(frozen=True)
class Kind:
    """What events of a kind say.

    Attributes
    ----------
    strength
        In [−1, 1].
    role
        Sizes (hours, pieces) count for ``use`` alone, of several opinions on an item only one counts, and
        what was only ``shown`` is no part of a history.
    known
        Whether the kind is known, or its strength only assumed.
    """

    strength: float
    role: Role = "use"
    known: bool = True


_USES: dict[float, str] = {
    1.0: "purchase buy order checkout reorder subscribe subscription transaction payment paid sale sold"
    " bought order_complete"
    " in_app_purchase iap conversion convert rating rate verified_review listen play watch stream complete"
    " completed finish finished interaction"
    " kauf gekauft bestellung bestellt abonniert gehört gesehen achat acheté commande abonnement écouté"
    " compra comprado pedido suscripción escuchado 购买 下单 支付 订阅 播放 观看 收听 完播 购买商品",
    0.8: "review tip download install playlist_add read lead"
    " installiert gelesen heruntergeladen téléchargé lu téléchargement leído descarga"
    " 下载 安装 阅读 评论",
    0.6: "cart add_to_cart addtocart basket add_to_basket wishlist add_to_wishlist wish product_added"
    " begin_checkout add_payment_info save saved bookmark to_read"
    " follow comment reply join session level_complete achievement signup register reservation book"
    " warenkorb merkliste wunschliste gemerkt panier favoris_ajout liste_de_souhaits carrito"
    " lista_de_deseos"
    " 关注 加购 加入购物车 购物车 收藏 心愿单 签到 cart_add fav",
    0.3: "click tap open start visit select select_item select_content play_start"
    " klick geklickt besuch clic cliqué visite hacer_clic visita 点击 打开 访问",
    0.15: "view pageview page_view pv view_item detail product_detail see browse search search_click scroll"
    " ansicht angesehen aufgerufen vue consulté vista visto 浏览 查看 详情",
    0.05: "hover dwell",
}
_UNDONE: dict[float, str] = {
    -1.0: "return refund cancel void chargeback"
    " storno rücksendung widerruf gutschrift"
    " retoure rückgabe erstattung storniert stornierung zurückgegeben retour remboursement annulé"
    " annulation"
    " devolución devuelto reembolso reembolsado cancelado cancelación anulación anulado"
    " 退货 退款 取消 取消订单",
    -0.6: "remove_from_cart remove_from_basket remove_from_wishlist product_removed cart_remove unsave"
    " unbookmark unsubscribe"
    " unfollow unjoin uninstall"
    " abbestellt deinstalliert désabonné désinstallé desuscripción"
    " 移出购物车 取消收藏 取消关注 取关 卸载 退订",
    -0.3: "skip stop abandon bounce übersprungen passer ignoré saltar 跳过",
    0.0: "pause seek buffer",
}
_OPINIONS: dict[float, str] = {
    1.0: "love super_like recommend_yes",
    0.8: "like liked thumbs_up thumb_up upvote favorite favourite fav_add recommend share repost retweet"
    " swipe_right"
    " vote heart star up gefällt_mir gefällt"
    " daumen_hoch daumen_nach_oben favorit geteilt j_aime aimé partagé me_gusta"
    " compartir"
    " favorito 喜欢 点赞 赞 分享 推荐 转发",
    -0.6: "undo_like"
    " hide dismiss unlike unfavorite unfavourite swipe_left close not_recommend not_recommended"
    " recommend_no"
    " ausgeblendet masquer masqué ocultar 隐藏 取消点赞 关闭",
    -1.0: "dislike thumbs_down thumb_down down downvote not_interested not_interesting block report hate"
    " dislike_event negative_feedback gefällt_mir_nicht daumen_runter daumen_nach_unten"
    " kein_interesse blockiert gemeldet"
    " je_n_aime_pas pas_intéressé bloquer signaler no_me_gusta no_me_interesa bloquear denunciar"
    " 不喜欢 踩 不感兴趣 屏蔽 举报 拉黑 讨厌",
}
_SHOWN = (
    "impression exposure expose show shown display served ad_impression view_item_list item_list_view"
    " product_impression einblendung angezeigt affichage affiché impresión mostrado 展示 曝光 展现"
)
_HAPPENED = frozenset(
    [
        "event",
        "action",
        "user",
        "item",
        "product",
        "the",
        "on",
        "an",
        "of",
        "to",
        "in",
        "content",
        "video",
        "article",
        "song",
        "track",
        "app",
    ]
)
"""Words that say nothing of what happened where there are others."""


def folded(kind: str) -> str:
    """Return a kind's words joined by underscores: lower case, without accents, signs and plurals.

    Examples
    --------
    >>> folded("Product Viewed"), folded("thumbs-down"), folded("addToCart"), folded("Likes")
    ('product_view', 'thumb_down', 'add_to_cart', 'like')
    """
    kind = kind.replace("👍", " thumbs up ").replace("👎", " thumbs down ")
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind)
    plain = "".join(c for c in unicodedata.normalize("NFKD", split) if not unicodedata.combining(c)).lower()
    return "_".join(_stem(word) for word in re.findall(r"\w+", plain.replace("_", " ")))


def _stem(word: str) -> str:
    """Return the English stem, so that plural, past and present are one word; others stay as they are."""
    return str(_english().stemWord(word)) if word.isascii() else word


@cache
def _english() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def words() -> tuple[str, ...]:
    """Return the known kinds as they are usually written in files, in lower case."""
    groups = (*_USES.values(), *_UNDONE.values(), *_OPINIONS.values(), _SHOWN)
    return tuple(dict.fromkeys(word for group in groups for word in group.split()))


@cache
def _book() -> dict[str, Kind]:
    book: dict[str, Kind] = {}
    groups: tuple[tuple[dict[float, str], Role], ...] = (
        (_USES, "use"),
        (_UNDONE, "use"),
        (_OPINIONS, "opinion"),
        ({0.0: _SHOWN}, "shown"),
    )
    for group, role in groups:
        for strength, words in group.items():
            for word in words.split():
                book.setdefault(folded(word), Kind(strength, role))
    return book


def kind_of(kind: str) -> Kind:
    """Return what events of a kind say, whatever the spelling.

    Examples
    --------
    >>> kind_of("Thumbs Down"), kind_of("product viewed").strength, kind_of("不喜欢").strength
    (Kind(strength=-1.0, role='opinion', known=True), 0.15, -1.0)
    >>> kind_of("frobnicated")
    Kind(strength=0.5, role='use', known=False)
    """
    book, words = _book(), folded(kind).split("_")
    for said in (words, [word for word in words if word not in _HAPPENED_FOLDED]):
        if (found := book.get("_".join(said))) is not None:
            return found
    return Kind(UNKNOWN_STRENGTH, known=False)


_HAPPENED_FOLDED = frozenset(folded(word) for word in _HAPPENED)


def is_kind(value: str) -> bool:
    """Whether a text is the name of a known kind of event."""
    return kind_of(value).known
