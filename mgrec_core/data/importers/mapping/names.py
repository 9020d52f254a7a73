"""Names that columns and files have in English, German, French, Spanish and Chinese, and what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


ALIASES: dict[str, str] = {
    "user_id": "user userid uid customer customerid client clientid member memberid visitor visitorid account"
    " accountid household householdid reviewerid buyer buyerid player playerid viewer reader subscriber"
    " person who kunde kundennummer kundennr kundenid nutzer nutzerid benutzer benutzerid steamid usersha1"
    " idvisitor userpseudoid anonymousid fullvisitorid msno utilisateur idutilisateur acheteur"
    " usuario idusuario usuarioid cliente idcliente 用户 用户id 用户编号 会员 会员id 会员编号 顾客"
    " 顾客id 客户 客户id 买家 买家id email useremail customeremail billingemail buyeremail",
    "item_id": "item itemid iid product productid sku asin article articleid movie movieid track trackid song"
    " songid book bookid isbn news newsid game gameid ad adid creative video videoid stockcode content"
    " contentid business businessid what artikel artikelnummer artikelnr artikelid produkt produktid app"
    " appid anime animeid artmbid artist artistid joke jokeid recipe recipeid restaurantid hotelid poi poiid"
    " venueid lineitemsku productsku productcode film filmid produit idproduit produitid producto idproducto"
    " productoid articulo pelicula 商品 商品id 商品编号 产品 产品id 物品 物品id 电影 电影id 图书 图书id"
    " 视频 视频id lineitemname",
    "timestamp": "timestamp time ts datetime date when created createdat createdon eventtime eventtimestamp"
    " purchasedate orderdate invoicedate ordered at datum zeit unixtime unixreviewtime tdat timems"
    " timestampcreated datecreated servertimestamp posted reviewtime zeitstempel bestelldatum kaufdatum"
    " horodatage datecommande dateachat fecha fechahora fechacompra 时间戳 时间 下单时间 购买时间 评分时间"
    " 日期 day",
    "event": "event eventtype eventname behavior behaviour behaviortype action activity interaction"
    " interactiontype ereignis aktion evenement evento accion 行为 行为类型 事件 type",
    "rating": "rating rate score stars overall grade bookrating userrating reviewscore bewertung note"
    " schulnote gesamtnote zensur"
    " notation calificacion puntuacion valoracion 评分 打分 评级",
    "weight": "weight quantity qty amount count plays playcount hours duration pieces units times"
    " lineitemquantity watchratio playtimeforever menge anzahl stueckzahl quantite qte cantidad 数量 购买数量"
    " 次数 播放次数",
    "session_id": "session sessionid basket basketid order orderid invoice invoiceno visit visitid idvisit"
    " transaction transactionid bestellung bestellnummer commande pedido 订单 订单号 订单id 会话",
    "title": "title itemname itemtitle productname producttitle movietitle headline bezeichnung titel"
    " booktitle prodname artname artistname trackname gamename appname animename lineitemname pagetitle name"
    " artikelname produktname titre nom titulo nombre 标题 名称 商品名称 商品名 产品名称 书名 电影名",
    "description": "description desc text body abstract summary overview beschreibung detaildesc descripcion"
    " 描述 简介",
    "head_id": "head headid subject source sourceid h",
    "relation": "relation relationid rel predicate property r",
    "tail_id": "tail tailid object target targetid t",
    "tail_label": "taillabel label",
    "friend_id": "friend friendid followee followed followeeid contact contactid trustee friendwith",
    "kind": "kind feedback reaction",
    "tag": "tag tagvalue keyword",
}
"""Canonical column → names that usually mean it, as :func:`fold` leaves them; likelier ones first."""

RECOMMENDED = words(
    "recommend recommended isrecommended votedup liked thumbsup empfohlen recommande recomendado recomienda"
    " 推荐 是否推荐"
)
"""Names of columns that say whether somebody recommends a thing."""

STATUS = words(
    "status financialstatus orderstatus poststatus orderstate bestellstatus statut estado 订单状态 状态"
)
"""Names of columns that say how far an order is; "paid" there is no kind of event."""

OPINIONS = {
    **dict.fromkeys(words("true yes 1 recommended recommend like liked positive ja oui si 推荐 是"), True),
    "thumbs up": True,
    **dict.fromkeys(words("false no 0 dislike disliked negative nein non 不推荐 否"), False),
    **dict.fromkeys(("not recommended", "not recommend", "not_recommended", "thumbs down", "-1"), False),
}
"""Words for yes and no in a column of opinions."""

FLAGS = {
    "hate": "dislike", "dislike": "dislike", "unlike": "dislike", "report": "report", "purchase": "purchase",
    "buy": "purchase", "like": "like", "favorite": "favorite", "favourite": "favorite", "share": "share",
    "forward": "share", "follow": "follow", "comment": "comment", "cart": "cart", "longview": "watch",
    "click": "click", "view": "view",
}  # fmt: skip
"""Names of columns of zeros and ones in logs of exposures → kind of event; what says most first."""

FILE_KINDS = {
    "to_read": "toread wanttoread wunschliste",
    "wishlist": "wishlist wishlists wanted watchlist",
    "purchase": "purchase purchases buy buys order orders transaction transactions sale sales bestellungen"
    " commandes pedidos 订单 购买",
    "click": "click clicks 点击",
    "view": "view views pageview pageviews visits 浏览",
    "like": "like likes 点赞",
    "dislike": "dislike dislikes",
    "favorite": "favorite favorites favourite favourites 收藏",
    "bookmark": "bookmark bookmarks saves",
    "cart": "cart carts addtocart basket 加购",
    "play": "play plays listen listens listening streams",
    "watch": "watch watches watched",
    "tip": "tip tips",
    "download": "download downloads installs",
    "share": "share shares 分享",
    "impression": "impression impressions exposure exposures 曝光",
}
"""Kind of event → words in a file's name that say that every row is one."""

ABOUT_ITEMS: tuple[str, ...] = (
    "category", "categoryname", "genre", "genres", "brand", "department", "manufacturer", "author", "artist",
    "album", "publisher", "vendor", "itembrand", "itemcategory", "kategorie", "warengruppe", "marke",
    "categorie", "marque", "categoria", "marca", "类别", "分类", "品牌",
)  # fmt: skip
"""Names, folded, of columns that describe the item of an event and not the event."""


def fold(name: str) -> str:
    """Return a name without signs, case and diacritics.

    Examples
    --------
    >>> fold("Book-Rating"), fold("productName"), fold("Stückzahl"), fold("用户 ID")
    ('bookrating', 'productname', 'stueckzahl', '用户id')
    """
    german = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    apart = unicodedata.normalize("NFKD", german)
    return re.sub(r"[\W_]+", "", "".join(one for one in apart if not unicodedata.combining(one)))


def plain_name(name: str) -> str:
    """Return a mapping's name without signs that a name may not have.

    Examples
    --------
    >>> plain_name("my data (2)"), plain_name("数据")
    ('my-data-2', 'mapping')
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:64] or "mapping"


def plain(name: str, wanted: Sequence[str]) -> str:
    """Return a name folded; of ``product.id`` also its last part, where only that is known."""
    whole, last = fold(name), fold(name.rpartition(".")[2])
    return whole if whole in wanted else last


def kind_of_file(name: str) -> str:
    """Return the kind of event that a file's name says all its rows are; empty where it says none.

    Examples
    --------
    >>> kind_of_file("to_read.csv"), kind_of_file("yoochoose-buys.dat"), kind_of_file("ratings.csv")
    ('to_read', 'purchase', '')
    """
    inner = name.partition(" [")[2].rstrip("]") or name
    stem = inner.split(".")[0]
    stems = {fold(stem), *(fold(one) for one in re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", stem))}
    return next((kind for kind, names in FILE_KINDS.items() if stems & words(names)), "")
