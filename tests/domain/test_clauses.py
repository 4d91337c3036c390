"""A clause's own sentences, found in the plan."""

from __future__ import annotations

from domain.clauses import texts

RAW = {
    "stages": {
        "s1": {
            "clause": "五（一）",
            "dates_text": "2022年1月10日前",
            "actions": [{"text": "制定实施方案，于12月底前报送"}, {"clause": "六", "text": "不在这一条里"}],
        }
    },
    "reports": [{"clause": "五（一）", "rule_text": "确定1名科级干部作为联络人"}, {"clause": "五（一）", "text": "短"}],
    "settings": {"x": {"source": "product", "text": "本系统加设的一条"}},
}


def test_sentences_of_a_clause_and_of_what_stands_under_it() -> None:
    assert texts(RAW, "五（一）") == ("2022年1月10日前", "制定实施方案，于12月底前报送", "确定1名科级干部作为联络人")
    assert texts(RAW, "六") == ("不在这一条里",)
    assert texts(RAW, "product") == ("本系统加设的一条",)
    assert texts(RAW, "无") == ()


def test_no_more_than_a_reader_wants() -> None:
    assert len(texts([{"clause": "一", "text": f"第{n}句话在这里"} for n in range(20)], "一")) == 6
