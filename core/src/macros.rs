//! Shapes that several small types share.

/// An enum of words: each value is written as one, read in any case, and listed in order.
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(::serde::Serialize, ::serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// Every word, in order.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            /// The word it is written as.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        /// Ignores case, as all input of words does.
        impl ::std::str::FromStr for $name {
            type Err = $crate::error::Problem;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let word = text.trim();
                Self::ALL.iter().copied().find(|v| v.as_str().eq_ignore_ascii_case(word)).ok_or_else(
                    || $crate::error::Problem::NotOneOf {
                        given: $crate::error::excerpt(text),
                        allowed: Self::WORDS,
                    },
                )
            }
        }
    };
}

/// A type that JSON has as a text: what `Display` writes and `FromStr` reads. Goes with
/// `#[serde(try_from = "String", into = "String")]`.
macro_rules! as_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = <Self as ::std::str::FromStr>::Err;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    };
}

pub(crate) use {as_text, word_enum};
