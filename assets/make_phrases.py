"""Composes assets/phrases.txt, the general vocabulary for CLIP ViT-L/14, from the word lists below.

    python assets/make_phrases.py

A phrase is what "turn … into …" may hold: a thing, a place, a person or a look, lower-case, without commas.
"""

from pathlib import Path

phrases = {}


def words(text):
    return [word.strip() for word in text.replace("\n", ";").split(";") if word.strip()]


def article(noun):
    vowel = noun[0] in "aeiou" and not noun.startswith(("uni", "european")) or noun.startswith(("hour", "hdr", "led ", "x-ray"))
    return ("an " if vowel else "a ") + noun


def add(text):
    """Phrases as they stand."""
    phrases.update(dict.fromkeys(words(text)))


def add_a(text):
    """Countable nouns: with their article."""
    phrases.update(dict.fromkeys(article(noun) for noun in words(text)))


def cross(firsts, seconds, countable=True, pattern="{} {}"):
    """Every first with every second."""
    made = [pattern.format(first, second) for second in words(seconds) for first in words(firsts)]
    phrases.update(dict.fromkeys(article(p) if countable else p for p in made))


# Seasons, weather, times of day, light -------------------------------------------------------------------------------
add("spring; summer; autumn; winter; early spring; late autumn; midsummer; midwinter; the rainy season; the dry season")
cross("a spring; a summer; an autumn; a winter; a sunny; a rainy; a snowy; a foggy; a cloudy; a stormy; a moonlit; a misty",
      "landscape; street; forest; evening", countable=False)
add("""rain; light rain; heavy rain; drizzle; a rain shower; a thunderstorm; lightning; a lightning bolt; hail; sleet; snow;
falling snow; deep snow; fresh snow; melting snow; a snowstorm; a blizzard; frost; hoarfrost; ice; icicles; black ice; fog;
thick fog; morning mist; haze; smog; smoke; dust; a dust storm; a sandstorm; wind; a strong wind; a tornado; a hurricane; a
rainbow; a double rainbow; sunshine; bright sunshine; a heat wave; drought; a flood; an overcast sky; dark clouds; white clouds;
fluffy clouds; storm clouds; scattered clouds; thin clouds; a cloudless sky; puddles; wet pavement; raindrops on glass;
snow on the roofs; snow on the trees; snow on the ground; a snow-covered field; a snow-covered mountain; a snow-covered road;
fallen leaves; autumn leaves; cherry blossoms; dew drops; a frozen lake; a frozen waterfall; northern lights; a meteor shower""")
add("""dawn; sunrise; early morning; morning; noon; midday; afternoon; late afternoon; golden hour; sunset; dusk; twilight; blue hour;
evening; night; midnight; daytime; nighttime; a starry night; a moonlit night; a full moon; a crescent moon; a solar eclipse;
a lunar eclipse; the milky way; the night sky; a starry sky; city lights at night; the sun; the moon; stars""")
cross("a blue; a light blue; a deep blue; a gray; a white; a pink; a purple; a deep purple; a violet; a red; an orange; a yellow; a golden; "
      "a green; a teal; a turquoise; a black; a dark; a bright; a clear; a hazy; a dramatic; a gloomy; a colorful; a pastel",
      "sky", countable=False)
add("""soft light; hard light; warm light; cool light; dim light; bright light; harsh light; diffuse light; natural light; window light;
candlelight; firelight; moonlight; sunlight; dappled sunlight; lamplight; torchlight; studio lighting; stage lighting;
rim lighting; backlighting; side lighting; top lighting; underlighting; ambient lighting; cinematic lighting; dramatic lighting;
moody lighting; volumetric lighting; god rays; sun rays; light beams; a lens flare; a sunbeam; long shadows; deep shadows; soft
shadows; a silhouette; neon lights; neon lighting; fairy lights; string lights; christmas lights; lanterns; street lamps lit at night;
headlights; a spotlight; a glow; a halo; glowing windows; reflections; fluorescent lighting; red lighting; blue lighting;
green lighting; purple lighting; pink lighting; ultraviolet light; a black light; darkness; brightness; overexposure; underexposure""")

# Art media and styles ------------------------------------------------------------------------------------------------
MEDIA = """pencil sketch; pencil drawing; colored pencil drawing; charcoal drawing; charcoal sketch; chalk drawing; pastel drawing;
oil pastel drawing; crayon drawing; marker drawing; pen drawing; ink drawing; ink wash painting; line drawing; ballpoint pen drawing;
oil painting; watercolor painting; watercolor sketch; gouache painting; acrylic painting; tempera painting; fresco; spray paint artwork;
digital painting; finger painting; sand painting; palette knife painting; brush drawing; silverpoint drawing; sketch; drawing; painting"""
add_a(MEDIA)
cross("landscape; portrait; still life", "pencil sketch; charcoal drawing; oil painting; watercolor painting; ink drawing; pastel drawing; acrylic painting; gouache painting",
      pattern="{1} of a {0}")
add("a watercolor; a watercolor wash; a sketch on paper; a doodle; a rough sketch; a detailed sketch; a child's drawing; a coloring book page; a cave painting")
add_a("""woodcut; wood engraving; linocut; etching; engraving; lithograph; screen print; risograph print; mezzotint; monotype; block print;
stencil; rubber stamp print; letterpress print; woodblock print; cyanotype; blueprint; technical drawing; architectural drawing;
botanical illustration; anatomical drawing; scientific illustration; fashion illustration; storyboard; concept sketch; map; old map;
mosaic; stained glass window; tapestry; embroidery; cross-stitch; quilt; patchwork; knitted scene; crocheted toy; felt figure; collage;
paper collage; photo collage; paper cutout; papercraft model; origami figure; quilled paper picture; diorama; tilt-shift miniature;
bas-relief; sculpture; marble statue; bronze statue; stone statue; gold statue; ice sculpture; sand sculpture; wood carving;
clay figure; clay animation; stop-motion scene; porcelain figurine; ceramic tile; puppet; marionette; plush toy; balloon animal;
wax figure; snow sculpture; topiary; wire sculpture; paper lantern; mural; graffiti; street art mural; poster; vintage poster;
travel poster; movie poster; propaganda poster; advertisement; postage stamp; postcard; vintage postcard; playing card; tarot card; book cover;
book illustration; fairy tale illustration; comic book page; comic strip; manga page; manga drawing; cartoon; saturday morning cartoon; caricature;
anime scene; anime character; video game screenshot; low poly model; voxel model; pixel art sprite; 3d render; clay render; wireframe model;
vector illustration; flat illustration; isometric illustration; logo; icon; emoji; sticker; tattoo design; silhouette cutout; glitch artwork;
hologram; x-ray image; thermal image; night vision image; satellite image; microscope image; circuit board; chalkboard drawing; whiteboard sketch;
neon sign; led display; string art piece; spirograph; fractal; kaleidoscope; mandala; optical illusion; double exposure; photomontage;
plastic brick model; toy model; wooden toy; gingerbread model; chocolate figure; candy sculpture; snow globe; music box; dollhouse""")
add("pixel art; 8-bit graphics; 16-bit graphics; ascii art; vector art; line art; digital art; concept art; folk art; pop art; op art; fan art; street art; "
    "clip art; stained glass; origami; papercraft; graffiti; claymation; calligraphy; needlework; embroidery on fabric; pointillist dots; "
    "halftone dots; cross-hatching; stippling; brush strokes; thick brush strokes; visible brush strokes; paint splatters; dripping paint; "
    "ink splashes; paper texture; canvas texture; rough paper; torn paper; crumpled paper; a white outline; a black outline; bold outlines")
cross("""abstract; impressionist; expressionist; surrealist; cubist; fauvist; romantic; baroque; rococo; renaissance; medieval; gothic;
realist; hyperrealist; minimalist; art nouveau; art deco; pop art; pointillist; symbolist; futurist; constructivist; bauhaus; dadaist;
neoclassical; byzantine; naive; primitive; psychedelic; traditional chinese; traditional japanese; ancient egyptian; ancient greek""", "painting")
cross("art deco; art nouveau; bauhaus; victorian; medieval; steampunk; cyberpunk; vaporwave; synthwave; solarpunk; dieselpunk; gothic; retro; futuristic; "
      "minimalist; kawaii; grunge; psychedelic; cottagecore; art brut; anime; manga; cartoon; comic book; storybook; film noir; western; science fiction; "
      "fantasy; horror; dark fantasy; fairy tale; post-apocalyptic; noir; rustic; industrial; baroque; tribal; celtic; 1920s; 1950s; 1960s; 1970s; 1980s; 1990s",
      "style", countable=False)

# Photographic treatments ---------------------------------------------------------------------------------------------
add_a("""photo; black and white photo; high contrast black and white photo; sepia photo; old photo; faded old photo; vintage photo; damaged old photo;
scratched photo; hand-colored photo; polaroid photo; instant photo; film photo; 35mm film photo; grainy photo; daguerreotype; tintype;
infrared photo; hdr photo; long exposure photo; macro photo; close-up photo; wide angle photo; fisheye photo; telephoto photo; aerial photo; drone photo;
panoramic photo; underwater photo; night photo; flash photo; studio photo; passport photo; product photo; food photo; fashion photo; wedding photo;
press photo; street photo; candid photo; selfie; group photo; family photo; school photo; mugshot; portrait photo; profile portrait; full body photo;
landscape photo; architectural photo; sports photo; wildlife photo; stock photo; blurry photo; out of focus photo; motion blurred photo; sharp photo;
overexposed photo; underexposed photo; low contrast photo; high contrast photo; desaturated photo; oversaturated photo; noisy photo; pixelated photo;
compressed photo; low resolution photo; high resolution photo; cropped photo; tilted photo; mirrored photo; upside down photo; negative photo; film negative;
duotone photo; monochrome photo; solarized photo; cross-processed photo; lomography photo; tilt-shift photo; split toned photo; matte photo; glossy photo;
amateur photo; professional photo; smartphone photo; webcam image; security camera image; television screenshot; vhs screenshot; newspaper photo;
screenshot; photocopy; scan; double exposed photo; light painting photo; time-lapse photo; retouched photo; airbrushed photo; raw photo""")
add("""black and white; monochrome; grayscale; sepia; sepia tones; vintage film; old film grain; film grain; faded film; hdr; bokeh; a blurred background;
a shallow depth of field; motion blur; a vignette; a dark vignette; a white frame; a light leak; dust and scratches; chromatic aberration;
lens distortion; a soft focus; a dreamy glow; a bloom effect; high contrast; low contrast; high key; low key; high saturation; low saturation;
teal and orange color grading; warm color grading; cold color grading; cinematic color grading; bleach bypass; cross processing; split toning;
a matte look; a faded look; a washed out look; a moody look; a clean look; a vintage look; a film look; a cinematic look; a soft look; a glossy look; a gritty look;
warm colors; cool colors; cold colors; muted colors; pastel colors; vivid colors; vibrant colors; faded colors; earthy colors; neon colors; inverted colors;
bright colors; dark colors; soft colors; rich colors; autumn colors; natural colors; unnatural colors; rainbow colors; complementary colors; few colors;
a warm tone; a cool tone; a blue tone; a green tone; a red tone; a yellow tone; a pink tone; a purple tone; an orange tone; a teal tone; a magenta tone; a golden tone;
a brown tone; a dark tone; a bright tone; a warm white balance; a cold white balance; a blue tint; a green tint; a yellow tint; a red tint; a pink tint; a purple tint;
a magenta tint; an orange tint; a sepia tint; dark shadows; lifted shadows; bright highlights; blown out highlights; crushed blacks; smooth skin; sharp details;
digital noise; compression artifacts; scan lines; a glitch effect; pixelation; a mosaic effect; a halftone effect; a duotone effect; posterization; a white background;
a black background; a plain background; a green screen; a transparent background; a gradient background; a busy background""")
cross("red; blue; green; yellow; pink; purple; orange; teal; gray; beige; brown; dark; bright; colorful", "background")

# Colours and materials of things -------------------------------------------------------------------------------------
COLORS = "red; orange; yellow; green; blue; purple; pink; brown; black; white; gray"
cross(COLORS + "; golden; silver; turquoise",
      "car; dress; shirt; hat; flower; ball; wall; door; chair; umbrella; bag", countable=True)
cross(COLORS, "house; cup; bird; jacket; balloon; book; roof; boat; table; lamp")
cross("red; yellow; pink; white; purple; blue; orange", "roses; tulips; flowers; butterflies; leaves", countable=False)
cross("bright; dark; light; pale; deep; pastel", "red; orange; yellow; green; blue; purple; pink; brown; gray", countable=False)
add("magenta; cyan; crimson; scarlet; maroon; burgundy; coral; salmon; peach color; gold; silver; bronze; copper; beige; ivory; cream; khaki; olive green; "
    "lime green; mint green; emerald green; forest green; turquoise; aquamarine; navy blue; sky blue; royal blue; indigo; violet; lavender; lilac; charcoal gray; "
    "jet black; snow white; rainbow stripes; polka dots; stripes; a checkered pattern; a plaid pattern; a floral pattern; a zigzag pattern; a marble pattern; "
    "leopard print; zebra stripes; camouflage; paisley; tie-dye; glitter; sequins; a metallic sheen; iridescence; a rainbow gradient")
MATERIALS = ("wood; stone; marble; granite; concrete; brick; clay; porcelain; glass; frosted glass; crystal; ice; metal; steel; rusty iron; copper; bronze; gold; silver; chrome; "
             "plastic; rubber; leather; wool; cotton; silk; velvet; lace; denim; fur; feathers; paper; cardboard; straw; bamboo; wicker; sand; mud; moss; leaves; flowers; "
             "water; fire; lava; smoke; clouds; stars; diamonds; jade; amber; pearl; chocolate; candy; bread; cheese; jelly; wax; foam; slime; bubbles; neon tubes; gears; bones")
add(MATERIALS)
cross("a statue; a house", MATERIALS.replace("; clouds; stars", "").replace("; bubbles", ""), countable=False, pattern="{} made of {}")
cross("wooden; stone; brick; metal; glass; concrete; marble", "wall; floor; table; house; bridge; fence; staircase; tower")
cross("golden; crystal; wooden; porcelain", "cat; dog; bird; apple; crown; skull")
add("rust; peeling paint; cracked ground; cracked paint; scratches; dirt; dust on everything; a shiny surface; a matte surface; a rough surface; a smooth surface; a wet surface; "
    "a mirror surface; a transparent surface; a furry surface; a scaly surface; weathered wood; polished wood; dark wood; light wood; brushed metal; polished metal; cobblestones; "
    "tiles; gravel; asphalt; mosaic tiles; wallpaper; floral wallpaper; a brick wall; a tiled floor; a wooden floor; a carpeted floor")

# Animals -------------------------------------------------------------------------------------------------------------
PETS = "cat; dog"
cross("black; white; gray; brown; orange; spotted; striped; fluffy; long-haired; short-haired; sleeping; running; sitting; small; big; old; cute; happy; angry; wet", PETS)
add_a("""kitten; puppy; tabby cat; siamese cat; persian cat; calico cat; sphynx cat; maine coon; golden retriever; labrador; german shepherd; husky; poodle; bulldog;
french bulldog; pug; corgi; dachshund; beagle; chihuahua; dalmatian; border collie; terrier; shiba inu; great dane; greyhound; rottweiler; sheepdog; spaniel; wolfdog""")
ANIMALS = """horse; pony; donkey; mule; zebra; cow; bull; calf; ox; buffalo; bison; yak; sheep; lamb; goat; pig; piglet; wild boar; deer; fawn; stag; reindeer; moose; elk; antelope;
gazelle; giraffe; elephant; rhinoceros; hippopotamus; camel; llama; alpaca; lion; lioness; tiger; white tiger; leopard; snow leopard; cheetah; jaguar; panther; lynx; puma; wolf;
white wolf; coyote; jackal; hyena; fox; red fox; arctic fox; fennec fox; bear; brown bear; polar bear; panda; red panda; koala; kangaroo; wallaby; wombat; sloth; anteater; armadillo; raccoon;
skunk; badger; otter; beaver; weasel; ferret; mink; meerkat; mongoose; squirrel; red squirrel; chipmunk; hamster; guinea pig; mouse; rat; rabbit; hare; hedgehog; porcupine; mole; bat;
monkey; baboon; chimpanzee; gorilla; orangutan; lemur; seal; sea lion; walrus; dolphin; orca; whale; blue whale; shark; ray; manta ray; octopus; squid; jellyfish; starfish; seahorse; crab;
lobster; shrimp; snail; slug; clam; coral; fish; goldfish; koi; clownfish; salmon; trout; pufferfish; swordfish; eel; tropical fish; turtle; sea turtle; tortoise; crocodile; alligator; lizard;
iguana; chameleon; gecko; komodo dragon; snake; cobra; python; frog; tree frog; toad; salamander; newt; dinosaur; tyrannosaurus; triceratops; mammoth; bird; songbird; sparrow; robin; blue jay;
cardinal; canary; finch; swallow; crow; raven; magpie; pigeon; dove; parrot; macaw; cockatoo; budgerigar; toucan; hummingbird; kingfisher; woodpecker; owl; snowy owl; eagle; bald eagle; hawk;
falcon; vulture; seagull; pelican; puffin; penguin; duck; duckling; goose; swan; black swan; flamingo; heron; stork; crane; peacock; pheasant; turkey; chicken; rooster; hen; chick; ostrich; emu; insect;
butterfly; monarch butterfly; moth; caterpillar; bee; bumblebee; wasp; dragonfly; ladybug; beetle; ant; grasshopper; cricket; mantis; fly; mosquito; spider; tarantula; scorpion; centipede; worm; firefly"""
add_a(ANIMALS)
add("birds; fish; cats; dogs; horses; cows; sheep; ducks; pigeons; butterflies; bees; ants; a flock of birds; a flock of sheep; a herd of cows; a herd of horses; a herd of elephants; a school of fish; "
    "a swarm of bees; a pack of wolves; a cat and a dog; two cats; two dogs; two birds; three birds; bear cubs; kittens; puppies; ducklings; wild animals; farm animals; pets; an animal; no animals; "
    "an animal skull; animal tracks; a paw; a paw print; feathers on the ground; fur; scales; a bird's nest; eggs in a nest; an anthill; a beehive; a spider web; a dog on a leash; a dog collar; a horse with a saddle; "
    "an animal wearing clothes; a cat wearing a hat; a dog wearing a hat; a dog wearing sunglasses; a cat in a box; a bird in a cage; a fish tank; a dog with a ball; a cat with a ball of yarn; a cat on a sofa; a dog on the grass")
cross("baby; cartoon; robot; toy", "bear; rabbit; fox; owl; lion; elephant; dragon; penguin; turtle; horse")

# People --------------------------------------------------------------------------------------------------------------
PEOPLE = "boy; girl; man; woman"
add_a("person; child; toddler; baby; newborn baby; teenager; teenage boy; teenage girl; adult; young man; young woman; middle-aged man; middle-aged woman; old man; old woman; old person; elderly couple; "
      "couple; family; mother; father; grandmother; grandfather; bride; groom; wedding couple; twin; crowd; crowd of people; group of friends; group of children; human figure; stranger; pedestrian; human face; "
      "human hand; human eye; human skeleton; skull; mannequin; doll; teddy bear; scarecrow; snowman; shadow of a person")
add("people; no people; an empty street without people; children; boys; girls; men; women; two people; three people; two children; hands; eyes; closed eyes; open eyes; lips; teeth; a nose; ears; "
    "mother and child; father and child; a boy and a girl; a boy and a dog; a girl and a cat; a man and a woman; a man with a dog; a woman with a cat")
HAIR = ("blonde hair; brown hair; black hair; red hair; gray hair; white hair; silver hair; blue hair; pink hair; green hair; purple hair; rainbow hair; long hair; short hair; curly hair; straight hair; wavy hair; messy hair; "
        "wet hair; shaved hair; a bald head; a ponytail; pigtails; braids; dreadlocks; an afro; a bun; bangs; a bob haircut; a mohawk; a beard; a long beard; a short beard; a white beard; a mustache; a goatee; stubble; "
        "freckles; wrinkles; a scar; a tattoo; a tan; pale skin; dark skin; rosy cheeks; makeup; red lipstick; eye shadow; face paint; clown makeup; thick eyebrows; blue eyes; green eyes; brown eyes; glowing eyes; tears; sweat; "
        "braces; a piercing; earrings")
add(HAIR)
cross("a man with; a woman with", "blonde hair; brown hair; black hair; red hair; gray hair; white hair; blue hair; pink hair; long hair; short hair; curly hair; glasses; sunglasses; a hat; a tattoo; freckles; headphones; a backpack; an umbrella; a mask; "
      "a scarf; a flower; a book; a guitar; a camera; a phone; a cup of coffee", countable=False)
cross("a man with", "a beard; a long beard; a white beard; a mustache; a bald head; a goatee; a tie; a cap", countable=False)
cross("a boy with; a girl with", "glasses; a hat; blonde hair; dark hair; red hair; a balloon; a ball; a toy; a book; an ice cream; a backpack; an umbrella", countable=False)
EXPRESSIONS = "smiling; laughing; crying; angry; sad; happy; surprised; scared; bored; sleepy; tired; shy; proud; serious; thoughtful; worried; disgusted; winking; shouting; sleeping"
cross(EXPRESSIONS, "person; face")
cross("smiling; laughing; crying; angry; sad; happy; surprised; serious; sleeping", PEOPLE + "; baby; child")
add("a smile; a big smile; a faint smile; a grin; a frown; a neutral expression; an open mouth; a closed mouth; a tongue sticking out; a kiss; a hug; a wave of the hand; a thumbs up; a peace sign; a pointing finger; "
    "folded arms; raised hands; clapping hands; a fist; laughter; joy; sadness; anger; fear; surprise; disgust; love; loneliness; calm; boredom; pride; hope")
cross("""standing; sitting; walking; running; jumping; dancing; swimming; reading; writing; cooking; eating; drinking; singing; playing guitar; playing piano; painting; riding a bicycle; riding a horse; driving a car;
skiing; skating; surfing; climbing; fishing; working; gardening; shopping; sleeping; praying; taking a photo; talking on the phone; looking at the camera; looking away; holding flowers; holding an umbrella; holding a book;
reading a newspaper; reading a book; playing football; playing basketball; playing tennis; doing yoga; lifting weights; meditating; waving; hugging; carrying a bag; walking a dog""",
      "person", pattern="{1} {0}")
JOBS = """doctor; nurse; teacher; student; scientist; engineer; farmer; fisherman; soldier; sailor; pilot; astronaut; police officer; firefighter; chef; waiter; baker; butcher; carpenter; mechanic; painter; musician; dancer;
ballerina; singer; actor; clown; magician; athlete; football player; basketball player; tennis player; boxer; surfer; skier; skateboarder; cyclist; jockey; cowboy; knight; samurai; ninja; viking; pirate; gladiator; king; queen;
prince; princess; emperor; monk; nun; priest; wizard; witch; fairy; elf; dwarf; vampire; zombie; ghost; angel; demon; mermaid; superhero; robot; cyborg; alien; monster; giant; businessman; businesswoman; hiker; tourist; photographer;
construction worker; miner; gardener; detective; spy; judge; librarian; punk; hippie; goth; mime; santa claus; caveman; pharaoh; geisha; centaur; werewolf; skeleton; mummy; troll; goblin; orc"""
add_a(JOBS)
CLOTHES = """t-shirt; sweater; hoodie; suit; tuxedo; dress; evening gown; wedding dress; skirt; kimono; sari; kilt; uniform; school uniform; lab coat; raincoat; winter coat; leather jacket; denim jacket; fur coat; cloak; cape; suit of armor;
space suit; swimsuit; bathrobe; apron; poncho; vest; scarf; tie; bow tie; belt; hat; top hat; cowboy hat; straw hat; baseball cap; beanie; beret; helmet; hard hat; crown; tiara; turban; veil; headscarf; headband; flower crown; party hat;
witch hat; santa hat; wig; mask; face mask; gas mask; carnival mask; eye patch; monocle; necklace; watch; backpack; handbag"""
add_a(CLOTHES)
cross("a person wearing", "; ".join(article(c) for c in words(CLOTHES)), countable=False)
add("glasses; sunglasses; round glasses; thick glasses; reading glasses; goggles; heart-shaped glasses; jeans; trousers; shorts; leggings; pajamas; overalls; shoes; boots; sandals; sneakers; high heels; slippers; socks; gloves; mittens; "
    "rubber boots; cowboy boots; ballet shoes; earmuffs; headphones; jewelry; pearls; armor; rags; summer clothes; winter clothes; formal clothes; casual clothes; sportswear; medieval clothes; old-fashioned clothes; colorful clothes; "
    "black clothes; white clothes; striped clothes; a person wearing glasses; a person wearing sunglasses; a person without glasses; a person wearing headphones; a person wearing gloves; a person wearing jeans; a person wearing armor; "
    "a dog wearing glasses; a cat wearing glasses; a child wearing glasses; a child wearing a costume")

# Food and drink ------------------------------------------------------------------------------------------------------
FRUIT = """apple; green apple; red apple; pear; peach; plum; apricot; nectarine; orange; tangerine; lemon; lime; grapefruit; banana; pineapple; mango; papaya; kiwi; pomegranate; fig; date; coconut; melon; watermelon; strawberry; raspberry;
blueberry; blackberry; cherry; passion fruit; dragon fruit; avocado; olive; tomato; cucumber; carrot; potato; sweet potato; onion; garlic bulb; leek; cabbage; cauliflower; broccoli; lettuce; artichoke; eggplant; zucchini; bell pepper; chili pepper;
pumpkin; radish; beet; turnip; mushroom; corn cob; pea pod; walnut; almond; chestnut; acorn"""
add_a(FRUIT)
add("apples; pears; peaches; plums; oranges; lemons; limes; bananas; grapes; green grapes; cherries; strawberries; raspberries; blueberries; tomatoes; carrots; potatoes; onions; mushrooms; peppers; pumpkins; nuts; olives; beans; lentils; peas; rice; "
    "spinach; celery; herbs; basil; spices; a bowl of fruit; a basket of apples; a basket of eggs; a slice of lemon; a slice of watermelon; a sliced apple; a sliced orange; rotten fruit; fresh fruit; fresh vegetables; dried fruit; frozen berries")
add("""bread; a loaf of bread; toast; a baguette; a bagel; a croissant; a pretzel; a bun; a sandwich; a hamburger; a cheeseburger; a hot dog; a taco; a burrito; pizza; a slice of pizza; a pizza with mushrooms; pasta; spaghetti; lasagna; noodles;
ramen; sushi; dumplings; soup; tomato soup; salad; fruit salad; steak; roast chicken; fried chicken; bacon; sausages; ham; meatballs; grilled fish; fried eggs; a boiled egg; an omelette; eggs; cheese; butter; yogurt; french fries; chips; popcorn;
rice with curry; stew; fondue; pancakes; waffles; cereal; oatmeal; honey; jam; sugar; salt; ketchup; mustard; a plate of food; an empty plate; an empty bowl; breakfast; lunch; dinner; a picnic; a barbecue; a feast; fast food; a lunch box; street food""")
CAKES = "chocolate; vanilla; strawberry; lemon; carrot; birthday; wedding; cheese; fruit; rainbow; red velvet"
cross(CAKES.replace("cheese; ", ""), "cake")
cross("chocolate; strawberry; vanilla; blueberry; rainbow", "cupcake; ice cream cone; donut; milkshake; muffin; macaron; cookie; pudding")
add_a("cake; cheesecake; layered cake; slice of cake; cake with candles; apple pie; cherry pie; pumpkin pie; pie; tart; brownie; eclair; gingerbread house; gingerbread man; lollipop; chocolate bar; candy cane; gummy bear; marshmallow; popsicle; cookie; donut; cupcake; muffin")
add("ice cream; a scoop of ice cream; chocolate; white chocolate; dark chocolate; melted chocolate; candy; cotton candy; cookies; donuts; cupcakes; whipped cream; icing; sprinkles; caramel; fruit on a cake; strawberries on a cake; candles on a cake; powdered sugar")
DRINKS = "water; milk; orange juice; apple juice; grape juice; tomato juice; cherry juice; lemonade; iced tea; cola; red wine; white wine; beer; whiskey; champagne; green smoothie; ice water; sparkling water"
cross("a glass of", DRINKS, countable=False)
cross("a cup of", "coffee; black coffee; tea; green tea; hot chocolate; cappuccino; milk; espresso; soup", countable=False)
add("coffee; tea; milk; juice; lemonade; wine; beer; soda; a cocktail; a martini; a mojito; a milkshake; a smoothie; an iced drink; a hot drink; latte art; coffee beans; tea leaves; a teapot; a coffee pot; a mug; a wine glass; a beer mug; an empty glass; "
    "a bottle of water; a bottle of milk; a bottle of wine; a bottle of beer; a bottle of juice; a drinking straw; ice cubes; foam; steam; a thermos; a jug of water; a can of soda; a jar of honey; a jar of jam; a juice box; a pitcher of lemonade")

# Vehicles ------------------------------------------------------------------------------------------------------------
add_a("""car; sports car; race car; vintage car; old car; rusty car; electric car; police car; taxi; limousine; convertible; jeep; pickup truck; truck; fire truck; garbage truck; tow truck; cement mixer; bulldozer; excavator; tractor; combine harvester;
bus; double-decker bus; school bus; minibus; van; camper van; ambulance; motorcycle; scooter; moped; bicycle; mountain bike; tricycle; unicycle; skateboard; kick scooter; roller skate; wheelchair; baby stroller; shopping cart; horse carriage; cart; sled; tank; train;
steam train; high-speed train; freight train; subway train; tram; monorail; cable car; locomotive; railway carriage; airplane; jet; fighter jet; biplane; propeller plane; glider; helicopter; hot air balloon; airship; drone; rocket; space shuttle; spaceship;
satellite; space station; flying saucer; boat; sailboat; rowboat; canoe; kayak; speedboat; fishing boat; ferry; yacht; cruise ship; cargo ship; warship; pirate ship; submarine; raft; gondola; surfboard; toy car; toy train; flying car; parachute""")
add("cars; parked cars; a traffic jam; traffic; heavy traffic; light traffic; an empty road; traffic lights; a red traffic light; a green traffic light; heart-shaped traffic lights; a crosswalk; a road sign; a stop sign; car lights; a wrecked car; a burning car; "
    "bicycles; motorcycles; boats; boats in a harbor; ships; airplanes in the sky; trains; trucks; buses; a parking lot; railway tracks; a vapor trail; a car covered in snow; a car covered in mud; tire tracks; a steering wheel; a wheel; wheels")

# Buildings and places ------------------------------------------------------------------------------------------------
BUILDINGS = """house; small house; big house; cottage; cabin; log cabin; farmhouse; barn; villa; mansion; palace; castle; fortress; tower; bell tower; clock tower; lighthouse; windmill; watermill; church; cathedral; chapel; monastery; mosque; temple; pagoda; shrine;
synagogue; pyramid; sphinx; triumphal arch; aqueduct; amphitheater; stadium; skyscraper; apartment building; office building; hotel; hospital; school; university; library; museum; theater; cinema; train station; airport; factory; warehouse; power plant; wind turbine; solar panel;
dam; bridge; suspension bridge; stone bridge; covered bridge; tunnel; gate; city gate; wall; fence; garden fence; hedge; well; fountain; statue; monument; obelisk; tent; tipi; igloo; yurt; treehouse; hut; shack; shed; greenhouse; garage; gas station; shop; bookstore; bakery;
flower shop; market stall; supermarket; restaurant; cafe; bar; diner; street cafe; kiosk; phone booth; bus stop; bench; playground; swing; slide; carousel; ferris wheel; roller coaster; circus tent; swimming pool; tennis court; football field; golf course; cemetery; tomb; ruin;
ruined castle; abandoned building; haunted house; construction site; crane; chimney; balcony; terrace; porch; courtyard; staircase; spiral staircase; corridor; doorway; wooden door; window; stained glass dome; dome; column; arch; roof; tiled roof; thatched roof; elevator"""
add_a(BUILDINGS)
cross("modern; old; medieval; gothic; baroque; victorian; art deco; futuristic; abandoned; japanese; asian; european; mediterranean; burning; snow-covered; ruined", "house; building; city; village; street; church")
cross("modern; cozy; messy; empty; luxurious; rustic; dark; bright; minimalist; colorful", "living room; bedroom; kitchen; bathroom; office; room")
add_a("dining room; attic; basement; wine cellar; children's room; classroom; laboratory; workshop; studio; gym; ballroom; throne room; dungeon; prison cell; library with books; operating room; waiting room; hallway; lobby; concert hall; stage; nightclub; casino; arcade; spa; sauna; "
      "subway station; parking garage; shopping mall; spaceship interior; car interior; train compartment; airplane cabin; ship cabin; church interior; cave")
add_a("city; city skyline; big city; small town; village; fishing village; mountain village; suburb; downtown street; alley; narrow alley; cobblestone street; boulevard; market square; harbor; marina; pier; boardwalk; park; city park; botanical garden; flower garden; japanese garden; "
      "vegetable garden; backyard; farm; ranch; vineyard; orchard; rice terrace; wheat field; corn field; sunflower field; lavender field; tulip field; poppy field; meadow; pasture; zoo; aquarium; amusement park; fairground; camp site; battlefield; junkyard; scrapyard; quarry; oil rig")

# Landscapes and nature -----------------------------------------------------------------------------------------------
add_a("""landscape; mountain; mountain range; snowy mountain; rocky mountain; mountain peak; mountain lake; volcano; erupting volcano; hill; rolling hill; valley; canyon; gorge; cliff; sea cliff; plateau; mesa; desert; sand dune; oasis; savanna; steppe; prairie; tundra; glacier; iceberg;
ice cave; ice field; lava field; lava river; lava flow; crater; geyser; hot spring; river; wild river; stream; brook; waterfall; rapids scene; lake; pond; swamp; marsh; bog; lagoon; bay; fjord; coast; beach; tropical beach; sandy beach; pebble beach; rocky shore; island; desert island; tropical island;
coral reef; sea cave; ocean; stormy sea; calm sea; big wave; tidal wave; whirlpool; horizon; forest; dark forest; pine forest; birch forest; bamboo forest; rainforest; jungle; misty forest; enchanted forest; autumn forest; burnt forest; forest path; clearing; grove; dirt road; country road;
winding road; gravel path; stone path; footbridge; wooden bridge; rock; boulder; stone; pebble; cavern; natural arch; sinkhole; planet; galaxy; nebula; comet; asteroid; black hole; moon landscape; martian landscape; alien landscape; underwater scene; shipwreck; river delta; crop circle""")
add("mountains; snow-capped mountains; hills; rocks; cliffs; sand; sand dunes; a sandy desert; the sea; the ocean; waves; water; clear water; turquoise water; muddy water; murky water; still water; a reflection in the water; ripples; spray; foam on the waves; seaweed; seashells; "
    "driftwood; lava; flowing lava; molten rock; a ground of lava; ash; embers; fire; flames; a campfire; a forest fire; sparks; fireworks; an explosion; mud; soil; grass; tall grass; green grass; dry grass; green fields; green hills; golden fields; a lawn; moss on stones; the earth from space; "
    "outer space; the surface of the moon; the north pole; countryside; wilderness; nature; a path through a forest; a road through a desert; a river through a city; a lake in the mountains; a house by a lake; a boat on a lake; a tree on a hill; footprints in the snow; footprints in the sand")

# Plants --------------------------------------------------------------------------------------------------------------
add_a("""tree; bare tree; dead tree; old tree; big tree; tall tree; small tree; oak tree; birch tree; pine tree; fir tree; willow tree; palm tree; maple tree; apple tree; cherry tree; olive tree; orange tree; baobab tree; redwood tree; bonsai tree; christmas tree; blossoming tree;
autumn tree; snow-covered tree; tree stump; fallen log; branch; twig; leaf; maple leaf; green leaf; dry leaf; bush; fern; cactus; succulent; aloe plant; ivy wall; vine; bamboo plant; water lily; lotus flower; lily pad; reed; potted plant; hanging plant; house plant; seedling; flower; wildflower; rose; tulip;
daisy; sunflower; poppy; lily; orchid; iris; daffodil; hyacinth; carnation; chrysanthemum; dahlia; peony; hydrangea; magnolia; hibiscus; lavender plant; dandelion; violet flower; snowdrop; crocus; thistle; edelweiss; bouquet; bouquet of roses; vase of flowers; wreath; flower bed; pine cone; carnivorous plant""")
add("trees; bare trees; palm trees; pine trees; flowers; wildflowers; roses; tulips; sunflowers; daisies; poppies; leaves; green leaves; red leaves; yellow leaves; dry leaves; branches; roots; thorns; petals; moss; ferns; mushrooms in a forest; clover; weeds; ivy; vines; bamboo; cacti; "
    "flowers in a vase; withered flowers; dead leaves; fruit on a tree; blossoms; buds; an overgrown garden; an overgrown ruin; hay; straw bales; a pile of leaves; a pile of wood; firewood; tree rings; bark")

# Objects -------------------------------------------------------------------------------------------------------------
add_a("""book; open book; old book; stack of books; notebook; newspaper; magazine; letter; envelope; scroll; pen; pencil; paintbrush; easel; palette; eraser; ruler; globe; clock; alarm clock; grandfather clock; pocket watch; hourglass; sundial; compass; telescope; microscope; magnifying glass;
camera; old camera; film reel; television; old television; radio; record player; vinyl record; cassette tape; guitar; electric guitar; violin; cello; piano; grand piano; trumpet; saxophone; flute; drum; drum kit; harp; accordion; microphone; loudspeaker; computer; laptop; keyboard; smartphone; old telephone;
typewriter; printer; game controller; light bulb; lamp; desk lamp; floor lamp; chandelier; lantern; candle; burning candle; torch; match; flashlight; mirror; picture frame; painting on a wall; poster on a wall; vase; bowl; plate; cup; teacup; mug; glass; bottle; wine bottle; jar; jug; kettle; pot; pan; knife; fork;
spoon; chopstick; cutting board; stove; oven; refrigerator; sink; bathtub; shower; toilet; washing machine; vacuum cleaner; broom; bucket; ladder; hammer; saw; screwdriver; wrench; axe; shovel; rake; drill; anvil; nail; rope; chain; lock; key; old key; coin; banknote; wallet; treasure chest; gift; gift box; balloon;
red balloon; heart-shaped balloon; kite; toy; doll house; teddy bear toy; rubber duck; puzzle; dice; chessboard; chess piece; deck of cards; ball; football; basketball; tennis ball; baseball; golf ball; bowling ball; tennis racket; hockey stick; skateboard ramp; trophy; medal; flag; pirate flag; white flag;
umbrella; suitcase; basket; box; cardboard box; wooden box; barrel; crate; bag; paper bag; plastic bag; trash can; recycling bin; mailbox; sign; wooden sign; street lamp; bench in a park; chair; armchair; rocking chair; stool; throne; table; wooden table; desk; bookshelf; cupboard; wardrobe; drawer; bed; bunk bed; crib;
hammock; sofa; leather sofa; pillow; blanket; carpet; persian carpet; curtain; towel; fireplace; fan; radiator; air conditioner; birdcage; dog house; bird house; garden gnome; flower pot; watering can; lawn mower; wheelbarrow; sword; shield; bow; arrow; spear; dagger; helmet of a knight; cannon; bomb;
magic wand; crystal ball; potion bottle; cauldron; broomstick; skull and crossbones; jack-o'-lantern; easter egg; christmas ornament; star ornament; heart; star; cross; ring; diamond ring; gemstone; diamond; ruby; emerald; pearl necklace; gold bar; pile of gold; pile of coins; feather; shell; bone; fossil; egg;
soap bubble; bubble; mousetrap; safety pin; button; zipper; needle; thread spool; ball of yarn; pair of scissors; pair of shoes; pair of glasses; pair of gloves; bar of soap; toothbrush; comb; hair dryer; perfume bottle; lipstick; pill; syringe; stethoscope; test tube; gear; screw; magnet; battery; robot arm; microchip;
tablet computer; drone toy; traffic cone; barricade; bell; whistle; cage; net; fishing rod; anchor; lifebuoy; paddle; oar; sail; map on a wall; calendar; blackboard; school desk; backpack on the floor; pile of papers; pile of books; empty shelf; shelf of books; window with curtains; heart-shaped light""")
add("books; newspapers; candles; balloons; umbrellas; lamps; chairs; tables; bottles; cups; plates; coins; keys; gears; flags; gifts; toys; marbles; buttons; pearls on a string; seashells on a beach; bubbles in the air; hearts; stars and hearts; musical notes; letters of the alphabet; numbers; text; "
    "a caption; a watermark; a signature; a speech bubble; a frame around the picture; a crack in the wall; a hole in the ground; a shadow on the wall; a spiral; a circle; a square; a triangle; a cube; a sphere; a pyramid shape; a cone; a cylinder; a heart shape; a star shape; an arrow sign; confetti; ribbons; "
    "furniture; jewelry on a table; tools; kitchen utensils; musical instruments; sports equipment; garbage; plastic waste; a clean table; a cluttered desk; an empty table; an empty room; a decorated room; christmas decorations; halloween decorations; party decorations; wedding decorations")

# Moods, fantasy, happenings ------------------------------------------------------------------------------------------
cross("peaceful; gloomy; romantic; mysterious; scary; cheerful; dreamy; nostalgic; chaotic; lonely; cozy; dramatic; melancholic; magical; surreal; festive; apocalyptic; serene; tense; playful; elegant; epic; futuristic; wintry; tropical", "scene; atmosphere")
add_a("""dragon; red dragon; green dragon; ice dragon; unicorn; pegasus; phoenix; griffin; hydra; minotaur; cyclops; sea monster; kraken; yeti; gargoyle; golem; stone golem; gnome; leprechaun; genie; sorcerer; sorceress; necromancer; paladin; warrior; archer; princess in a tower; floating island; floating city;
castle in the clouds; crystal cave; magic portal; magic forest; spell; glowing rune; glowing mushroom; glowing crystal; wishing well; talking tree; tree of life; giant tree; giant mushroom; giant flower; giant robot; giant animal; underwater city; lost city; golden city; city of the future; city in ruins; space colony;
time machine; ray of light from above; ring of fire; wall of fire; wall of ice; pillar of light; shooting star; falling star; sunken ship; ghost ship; graveyard at night; haunted forest; candy land; gingerbread village; toy world; dream; nightmare; paradise; apocalypse; zombie apocalypse; alien invasion; nuclear explosion""")
add("fantasy; science fiction; horror; magic; magic dust; fairy dust; glowing particles; floating particles; fireflies; floating lanterns; floating objects; flying fish; flying books; flying whales; fairy wings; angel wings; butterfly wings; dragon wings; horns; antlers; pointed ears; a tail; fangs; claws; tentacles; "
    "a third eye; a golden crown; golden armor; a laser beam; lasers; energy waves; electricity; plasma; a force field; a hologram of a face; circuits; robots; aliens; ghosts; skeletons; zombies; monsters; ruins covered in plants; a world of ice; a world of candy; a world of toy bricks; a world of paper; everything frozen; "
    "everything on fire; everything under water; everything covered in snow; everything covered in moss; everything covered in gold; everything made of stone; everything made of glass; everything in flowers")
add("a birthday party; a wedding; a christmas celebration; a halloween night; new year's eve; an easter celebration; a carnival parade; a parade; a concert; a festival; a street market; a flea market; a circus show; a theater play; a football match; a basketball game; a race; a marathon; a battle; a protest; a graduation; a funeral; "
    "a meeting; a class; a dance; a picnic in a park; a day at the beach; a camping trip; a road trip; a boat trip; a hike in the mountains; a snowball fight; a pillow fight; a car crash; a fire in a building; a rescue; a space launch; an archaeological dig; the middle ages; ancient rome; ancient egypt; ancient greece; "
    "the stone age; the wild west; the victorian era; the distant future; the past; youth; old age; birth; death; war; peace; wealth; poverty; freedom; silence; noise; speed; stillness; chaos; order; symmetry; asymmetry; emptiness; abundance; cleanliness; decay; growth; a close-up; a wide view; a view from above; a view from below; "
    "a view through a window; a bird's-eye view; a side view; a front view; a back view; a portrait; a still life; a seascape; a cityscape; an interior; an exterior; a day scene; a night scene; an indoor scene; an outdoor scene; simplicity; complexity; beauty; ugliness; cuteness; elegance; luxury; nostalgia; tranquility; mystery; danger")

path = Path(__file__).with_name("phrases.txt")
path.write_text("\n".join(phrases) + "\n", encoding="utf-8")
print(len(phrases), "phrases")
