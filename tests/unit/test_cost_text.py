"""The estimate for a terminal and for a pull request, to the letter."""

import re
from dataclasses import replace

from cost_lines import DISK, OUT, SMALL, estimates
from hypothesis import given, settings

from trading_platform.cost.markdown import estimate_markdown, plain
from trading_platform.cost.model import Estimate, Scenario
from trading_platform.cost.text import estimate_text

calm = settings(deadline=None, max_examples=50)

# By hand: 2,190 h at 0.045 are 98.55; 730 h at 0.1664 are 121.472. Of the traffic, 100 GB at 0.09 are 9; 1,500 GB are
# 1,000 at 0.09 and 500 at 0.05, 115; 10,000 GB are 90 and 450. 100 GB of disk at 0.08 are 8.
TEXT = """\
Cost of staging, a typical month of 730 hours, in USD

Name                                Quantity  Unit      Monthly
us-east-1                                                335.02  + 1 unknown
├─ network                                               213.55
│  ├─ NAT gateways (VPC)                                  98.55
│  │  └─ gateway                       2,190  hour        98.55
│  └─ data transfer (DataTransfer)                       115.00
│     └─ to the internet *             1,500  GB         115.00
└─ compute                                               121.47  + 1 unknown
   └─ nodes (EC2, EBS)                                   121.47  + 1 unknown
      ├─ t3.xlarge (EC2)                 730  hour       121.47
      │  (spot is cheaper)
      └─ disk (EBS) *                unknown  GB-month  unknown
us-west-2                                                  0.00  + 1 unknown
└─ monitoring                                              0.00  + 1 unknown
   └─ logs (CloudWatch)                                    0.00  + 1 unknown
      └─ kept *                            5  GB        unknown
Total                                                    335.02  + 2 unknown

* depends on use. What is unknown is in no total.

                              low    typical                 high
Total                      237.02     335.02  + 2 unknown  760.02  + 2 unknown

By service                    low    typical                 high
  EC2                      121.47     121.47               121.47
  DataTransfer               9.00     115.00               540.00
  VPC                       98.55      98.55                98.55
  CloudWatch                 0.00       0.00  + 1 unknown    0.00  + 1 unknown
  EBS                        8.00       0.00  + 1 unknown    0.00  + 1 unknown

By region                     low    typical                 high
  us-east-1                237.02     335.02  + 1 unknown  760.02  + 1 unknown
  us-west-2                  0.00       0.00  + 1 unknown    0.00  + 1 unknown

By tier                       low    typical                 high
  network                  107.55     213.55               638.55
  compute                  129.47     121.47  + 1 unknown  121.47  + 1 unknown
  monitoring                 0.00       0.00  + 1 unknown    0.00  + 1 unknown

By kind                       low    typical                 high
  baseline                 220.02     220.02               220.02
  usage                     17.00     115.00  + 2 unknown  540.00  + 2 unknown

By certainty of the price     low    typical                 high
  assumed                  121.47     121.47               121.47
  medium                     9.00     115.00               540.00
  high                     106.55      98.55  + 1 unknown   98.55  + 1 unknown
  no price                   0.00       0.00  + 1 unknown    0.00  + 1 unknown

Prices as of 2024-07-01 to 2026-10-13.

Unknown:
- us-east-1 / compute / nodes / disk (typical, high): cost_usage does not say how much; at 0.08 USD per GB-month
- us-west-2 / monitoring / logs / kept (typical, high): the catalogue has no price for it (5 GB)
"""

MARKDOWN = r"""### Cost of staging

USD in a month of 730 hours. What is unknown is in no total.

|  | low | typical | high |
| --- | ---: | ---: | ---: |
| **total** | **17.00** | **115.00 + 1 unknown** | **540.00 + 1 unknown** |
| baseline | 0.00 | 0.00 | 0.00 |
| usage | 17.00 | 115.00 + 1 unknown | 540.00 + 1 unknown |

<details><summary>By service</summary>

| service | low | typical | high |
| --- | ---: | ---: | ---: |
| DataTransfer | 9.00 | 115.00 | 540.00 |
| EBS | 8.00 | 0.00 + 1 unknown | 0.00 + 1 unknown |

</details>

<details><summary>By region</summary>

| region | low | typical | high |
| --- | ---: | ---: | ---: |
| us-east-1 | 17.00 | 115.00 + 1 unknown | 540.00 + 1 unknown |

</details>

<details><summary>By tier</summary>

| tier | low | typical | high |
| --- | ---: | ---: | ---: |
| network | 9.00 | 115.00 | 540.00 |
| compute | 8.00 | 0.00 + 1 unknown | 0.00 + 1 unknown |

</details>

<details><summary>By kind</summary>

| kind | low | typical | high |
| --- | ---: | ---: | ---: |
| baseline | 0.00 | 0.00 | 0.00 |
| usage | 17.00 | 115.00 + 1 unknown | 540.00 + 1 unknown |

</details>

<details><summary>By certainty of the price</summary>

| certainty | low | typical | high |
| --- | ---: | ---: | ---: |
| medium | 9.00 | 115.00 | 540.00 |
| high | 8.00 | 0.00 + 1 unknown | 0.00 + 1 unknown |

</details>

<details><summary>us-east-1: 115.00 + 1 unknown in a typical month</summary>

| tier, resource | name | unit | quantity | monthly |
| --- | --- | --- | ---: | ---: |
| **network** |  |  |  | **115.00** |
| data transfer (DataTransfer) | to the internet (usage) | GB | 1,500 | 115.00 |
| **compute** |  |  |  | **0.00 + 1 unknown** |
| nodes (EBS) | disk (usage) | GB-month | unknown | unknown |

</details>

Prices as of 2024-07-01 to 2026-10-13.

Unknown:

- us-east-1 / compute / nodes / disk (typical, high): cost\_usage does not say how much; at 0.08 USD per GB-month
"""


def test_the_text_is_a_tree_then_totals_then_what_is_unknown() -> None:
    assert estimate_text(SMALL) == TEXT


def test_the_tree_is_that_of_the_scenario_and_the_totals_are_those_of_all() -> None:
    low = estimate_text(SMALL, Scenario.LOW)
    assert low.startswith("Cost of staging, a low month of 730 hours, in USD\n")
    assert "      └─ disk (EBS) *                    100  GB-month     8.00\n" in low
    assert low.partition("* depends")[2] == TEXT.partition("* depends")[2]


def test_an_estimate_of_nothing_costs_nothing() -> None:
    rows = [row.split() for row in estimate_text(Estimate("staging", ())).splitlines()]
    assert [row for row in rows if row[:1] == ["Total"]] == [["Total", "0.00"], ["Total", "0.00", "0.00", "0.00"]]
    assert rows[-1] == ["Nothing", "is", "unknown."]


def test_a_long_name_goes_on_below_and_the_text_stays_as_wide() -> None:
    words = " ".join(f"word{number}" for number in range(60))
    text = estimate_text(Estimate("staging", (replace(DISK, name=words, note=words), *SMALL.lines)))
    assert max(map(len, text.splitlines())) <= 120
    found = text.replace("│", " ").split()
    # In the tree, in the note, and in the list of what is unknown.
    assert [found.count(f"word{number}") for number in (1, 30, 58)] == [3, 3, 3]


def test_the_markdown_has_totals_first_and_folds_the_lines() -> None:
    assert estimate_markdown(Estimate("staging", (OUT, DISK))) == MARKDOWN


def test_what_markdown_could_take_for_markup_is_escaped() -> None:
    assert plain("a|b *c* _d_ `e` <b>&") == r"a\|b \*c\* \_d\_ \`e\` &lt;b>&amp;"
    assert plain("[x](y)\nz") == r"\[x\](y) z"
    assert plain("no: \\ :smile:") == r"no: \\ \:smile:"


@calm
@given(estimates)
def test_every_row_of_a_markdown_table_has_as_many_cells_as_its_head(estimate: Estimate) -> None:
    columns = 0
    for row in estimate_markdown(estimate).split("\n"):
        if not row.startswith("|"):
            columns = 0
            continue
        cells = len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) - 1
        columns = columns or cells
        assert cells == columns, row
