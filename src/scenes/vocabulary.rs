//! Vocabulary: every word that a caption or an instruction of a scene can have; a text model for scenes needs no other.
//!
//! A test draws captions and instructions and holds this list to them.

/// The words, sorted, apart by spaces.
const WORDS: &str = "\
    a add an and animal apples art as at autumn balloon beach bear behind berry black blonde blue blueprint boat \
    book books bowl boy bright brighten brighter brown by cake car cat change charcoal chocolate circles city \
    clothes cloud cloudy cold colder color colored colorful colors comic contrast cool corners cover daisies \
    dark darker day deep dog door drawing drawn dream dreamy dusk edges evening everything faded flat flowers \
    fog foggy forest fox frost frosty fruit garden girl glass glasses glossy gold golden gouache grape grass \
    green grey ground hair happy hat have heart hearts high highlights hills house in instead into it juice lake \
    lamp large lava lemonade less light lighter lighthouse lights make man meadow midnight mint moon more \
    morning mountains muted negative neon newspaper newspapers night nighttime no of oil old on orange oranges \
    owl painting pair pale palm park pastel peaches pears pencil person photo picture pink pixel plums poster \
    purple put rabbit rain rainy reading red remove replace river room roses scene sea sepia shadows shaped \
    sketch sky smile smiling snow snowflakes snows snowy soft something spring stars strawberry street strong \
    stronger style summer sun sunflowers sunset table teal the there towers toy traffic trees tulips turn \
    umbrella under up vanilla vase village vintage vivid wallpaper warm warmer watercolor wear wearing while \
    white windmill window winter with woman yellow";

/// The words, sorted; none has a letter that is not a small one from a to z.
pub fn words() -> impl Iterator<Item = &'static str> {
    WORDS.split(' ')
}
