//! Quotes, and what spreadsheets write before a text.

use super::*;

#[test]
fn quotes_are_read_strictly() {
    check(vec![
        Case::csv(
            "everything quoted",
            "\"phone\",\"name\"\n\"+14155551234\",\"Ada \"\"the\"\" Countess, L.\"\n",
            [row(2, N1, &[("name", "Ada \"the\" Countess, L."), P1])],
        ),
        Case::csv(
            "an empty quoted cell",
            "phone,name\n+14155551234,\"\"\n",
            [row(2, N1, &[("name", ""), P1])],
        ),
        Case::csv("only a quote", "phone,name\n+14155551234,\"\"\"\"\n", [row(2, N1, &[("name", "\""), P1])]),
        Case::csv(
            "spaces are kept",
            "phone,name\n+14155551234,  Ada  \n+442071838750,\" Ada \"\n",
            [row(2, N1, &[("name", "  Ada  "), P1]), row(3, N2, &[("name", " Ada "), P2])],
        ),
        Case::csv(
            "a quote inside a cell",
            "phone,name\n+14155551234,12\" disc\n+442071838750,Ada\n",
            [rejected(2, "there is a quote in the wrong place in \"name\""), row(3, N2, &[ADA, P2])],
        ),
        Case::csv(
            "a space before a quote",
            "phone,name\n+14155551234, \"Ada\"\n",
            [rejected(2, "a quote in the wrong place in \"name\"")],
        ),
        Case::csv(
            "text after the closing quote",
            "phone,name\n\"+14155551234\" ,Ada\n+442071838750,\"A\"b\"c\"\n+442071838750,Ada\n",
            [
                rejected(2, "a quote in the wrong place in \"phone\""),
                rejected(3, "a quote in the wrong place in \"name\""),
                row(4, N2, &[ADA, P2]),
            ],
        ),
        Case::csv(
            "quotes escaped with a backslash",
            "phone,name\n+14155551234,\"A \\\"b\\\" c\"\n",
            [rejected(2, "a quote in the wrong place in \"name\"")],
        ),
        Case::csv(
            "a quote without an end",
            "phone,name\n+14155551234,Ada\n+442071838750,\"Ada\n+14155551234,Ada\n",
            [row(2, N1, &[ADA, P1]), fatal("line 3: a quote is opened on this line and never closed")],
        ),
        Case::csv(
            "a quote without an end, on the second line of a row",
            "phone,name,city\n+14155551234,\"A\nB\",\"x\n\n",
            [fatal("line 3: a quote is opened")],
        ),
        Case::csv(
            "a quote that another one closes four rows later",
            "phone,name\n+14155551234,\"Ada\n+442071838750,x\n+442071838750,y\n+442071838750,\"z\"\n+442071838750,Ada\n",
            [rejected(2, "a quote in the wrong place in \"name\""), row(6, N2, &[ADA, P2])],
        ),
        Case::csv(
            "a quote without an end in the header",
            "phone,\"name\n+14155551234,Ada\n",
            [fatal("line 1: a quote is opened")],
        ),
        Case::csv(
            "a quote in the header",
            "phone,na\"m\"e\n+14155551234,Ada\n",
            [fatal("line 1: there is a quote in the wrong place in the header")],
        ),
        Case::csv(
            "single quotes are no quotes",
            "phone,name\n+14155551234,'A,da'\n",
            [rejected(2, "3 cells")],
        ),
        Case::csv(
            "typographic quotes are no quotes",
            "phone,name\n+14155551234,“Ä”\n",
            [row(2, N1, &[("name", "“Ä”"), P1])],
        ),
    ]);
}

#[test]
fn what_spreadsheets_put_before_a_text_is_taken_off() {
    check(vec![
        Case::csv(
            "an apostrophe before a number",
            "phone,name\n'+14155551234,'=A1\n'+44 20 7183 8750,''=A1\n",
            [
                row(2, N1, &[("name", "=A1"), P1]),
                row(3, N2, &[("name", "'=A1"), ("phone", "+44 20 7183 8750")]),
            ],
        ),
        Case::csv(
            "an apostrophe before other text stays",
            "phone,name\n+14155551234,'t Hooft\n+442071838750,'\n",
            [row(2, N1, &[("name", "'t Hooft"), P1]), row(3, N2, &[("name", "'"), P2])],
        ),
        Case::csv(
            "two apostrophes before a number are one too many",
            "phone,name\n''+14155551234,Ada\n",
            [rejected(2, "it contains '\\''")],
        ),
        Case::csv(
            "Excel's form of a text",
            "phone,name\n=\"+14155551234\",=\"007\"\n\"=\"\"+442071838750\"\"\",Ada\n",
            [row(2, N1, &[("name", "007"), P1]), row(3, N2, &[ADA, P2])],
        ),
        Case::csv(
            "Excel's form of a text with a separator is two cells",
            "phone,name\n+14155551234,=\"a,b\"\n",
            [rejected(2, "a quote in the wrong place in \"name\"")],
        ),
        Case::csv(
            "a formula is a value, and no number",
            "phone,name\n+14155551234,=SUM(A1:A2)\n=A1+5551234,Ada\n",
            [row(2, N1, &[("name", "=SUM(A1:A2)"), P1]), rejected(3, "it contains '='")],
        ),
        Case::csv(
            "a name in the header",
            "phone,'-a\n+14155551234,Ada\n",
            [row(2, N1, &[("-a", "Ada"), P1])],
        ),
    ]);
}
