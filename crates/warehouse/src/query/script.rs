//! SQL text of several statements, cut where one ends and the next begins.
//!
//! The engine's own tokenizer says where a semicolon ends a statement and where it stands in a text, a name or a comment;
//! looking for the character was rejected, because a question to a mart of names soon holds one.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// What a text that grows line by line holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// The statements that a semicolon ended, without it.
    pub statements: Vec<String>,
    /// What stands behind the last semicolon; empty where only spaces and comments do.
    pub rest: String,
}

/// Cuts a text into its statements. A text that the tokenizer cannot read (a quote that is still open) is all rest.
pub fn cut(text: &str) -> Script {
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, text).tokenize_with_location() else {
        return Script { statements: Vec::new(), rest: text.to_string() };
    };
    let (mut statements, mut begin, mut says) = (Vec::new(), 0, false);
    for token in tokens {
        match token.token {
            Token::SemiColon => {
                let end = offset(text, token.span.start.line, token.span.start.column);
                if says {
                    statements.push(text[begin..end].trim().to_string());
                }
                (begin, says) = (end + 1, false);
            }
            Token::Whitespace(_) | Token::EOF => {}
            _ => says = true,
        }
    }
    Script { statements, rest: if says { text[begin..].trim().to_string() } else { String::new() } }
}

/// The byte at which a character stands, by its line and column, both counted from 1.
fn offset(text: &str, line: u64, column: u64) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1) as usize);
    let begin: usize = lines.map(str::len).sum();
    let before = text[begin..].chars().take(column.saturating_sub(1) as usize);
    begin + before.map(char::len_utf8).sum::<usize>()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_end_statements_but_not_in_texts_names_and_comments() {
        let script = cut("SELECT 1; SELECT 'a;b' AS \"c;d\" -- no; end\n, 2 /* ; */; ;\n SELECT 3");
        assert_eq!(script.statements.len(), 2, "{script:?}");
        assert_eq!(script.statements[0], "SELECT 1");
        assert!(script.statements[1].contains("'a;b'") && script.statements[1].contains("\"c;d\""), "{script:?}");
        assert_eq!(script.rest, "SELECT 3");
    }

    #[test]
    fn quotes_survive() {
        let script = cut("SELECT 'it''s', 'back\\slash', E'x\\ny';");
        assert_eq!(script.statements, ["SELECT 'it''s', 'back\\slash', E'x\\ny'"]);
    }

    #[test]
    fn what_is_open_is_rest() {
        assert_eq!(cut("SELECT 'a; ").rest, "SELECT 'a; ");
        assert_eq!(cut(" -- only a comment\n ; "), Script { statements: vec![], rest: String::new() });
    }
}
